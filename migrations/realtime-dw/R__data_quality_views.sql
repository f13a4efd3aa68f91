-- Quality of the dimension tables. A repeatable migration: it runs again whenever this file changes, so
-- a new dimension is added here, and its rules in a versioned file.
--
-- The names have a collation, or comparing them with dq_rule.table_name fails where the connection has
-- another one. Keys without NULL are counted as distinct, so that a NULL is not a duplicate as well.

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_dim_quality AS
SELECT _utf8mb4'wrong_question_record' COLLATE utf8mb4_unicode_ci AS table_name,
       COUNT(*)                                     AS total_rows,
       COALESCE(SUM(is_deleted = 1), 0)             AS deleted_rows,
       COALESCE(SUM(is_deleted = 0), 0)             AS active_rows,
       COALESCE(SUM(wrong_id IS NULL), 0)           AS null_key_rows,
       COUNT(wrong_id) - COUNT(DISTINCT wrong_id)   AS duplicate_key_rows,
       MAX(updated_at)                              AS last_update_time
FROM wrong_question_record
UNION ALL
SELECT _utf8mb4'tower_pattern' COLLATE utf8mb4_unicode_ci, COUNT(*),
       COALESCE(SUM(is_deleted = 1), 0), COALESCE(SUM(is_deleted = 0), 0),
       COALESCE(SUM(pattern_id IS NULL), 0),
       COUNT(pattern_id) - COUNT(DISTINCT pattern_id), MAX(updated_at)
FROM tower_pattern
UNION ALL
SELECT _utf8mb4'tower_teaching_type' COLLATE utf8mb4_unicode_ci, COUNT(*),
       COALESCE(SUM(is_deleted = 1), 0), COALESCE(SUM(is_deleted = 0), 0),
       COALESCE(SUM(teaching_type_id IS NULL), 0),
       COUNT(teaching_type_id) - COUNT(DISTINCT teaching_type_id), MAX(updated_at)
FROM tower_teaching_type
UNION ALL
SELECT _utf8mb4'tower_teaching_type_pt' COLLATE utf8mb4_unicode_ci, COUNT(*),
       COALESCE(SUM(is_deleted = 1), 0), COALESCE(SUM(is_deleted = 0), 0),
       COALESCE(SUM(teaching_type_id IS NULL OR pt_id IS NULL), 0),
       COALESCE(SUM(teaching_type_id IS NOT NULL AND pt_id IS NOT NULL), 0)
           - COUNT(DISTINCT teaching_type_id, pt_id), MAX(updated_at)
FROM tower_teaching_type_pt
UNION ALL
SELECT _utf8mb4'user_profile' COLLATE utf8mb4_unicode_ci, COUNT(*),
       COALESCE(SUM(is_deleted = 1), 0), COALESCE(SUM(is_deleted = 0), 0),
       COALESCE(SUM(user_id IS NULL), 0),
       COUNT(user_id) - COUNT(DISTINCT user_id), MAX(updated_at)
FROM user_profile;

-- Rules that are broken now. A rule for a table that v_dim_quality does not measure is shown too.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_dq_violation AS
SELECT m.rule_code, m.table_name, m.severity, m.metric, m.actual, m.condition_operator, m.threshold,
       m.description
FROM (SELECT r.rule_code, r.table_name, r.severity, r.metric, r.condition_operator, r.threshold,
             r.description,
             CASE r.metric
                 WHEN 'total_rows' THEN q.total_rows
                 WHEN 'deleted_rows' THEN q.deleted_rows
                 WHEN 'active_rows' THEN q.active_rows
                 WHEN 'null_key_rows' THEN q.null_key_rows
                 WHEN 'duplicate_key_rows' THEN q.duplicate_key_rows
             END AS actual
      FROM dq_rule r
      LEFT JOIN v_dim_quality q ON q.table_name = r.table_name
      WHERE r.status = 1 AND r.is_deleted = 0) AS m
WHERE COALESCE(CASE m.condition_operator
                   WHEN '=' THEN m.actual <> m.threshold
                   WHEN '<=' THEN m.actual > m.threshold
                   WHEN '>=' THEN m.actual < m.threshold
               END, 1) = 1;
