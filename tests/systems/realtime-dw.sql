-- Facts of the realtime-dw schema, for MySQL and MariaDB: every row of the result is something wrong.
SELECT CONCAT('table missing, or other columns, engine, collation or comments: ', e.name) AS problem
FROM (SELECT 'tower_pattern' AS name, 11 AS n
      UNION ALL SELECT 'tower_teaching_type', 9
      UNION ALL SELECT 'tower_teaching_type_pt', 9
      UNION ALL SELECT 'wrong_question_record', 12
      UNION ALL SELECT 'user_profile', 11
      UNION ALL SELECT 'dwd_wrong_record_wide_delta', 20
      UNION ALL SELECT 'dws_user_daily_stats', 16
      UNION ALL SELECT 'dq_rule', 13) AS e
LEFT JOIN information_schema.tables t
    ON t.table_schema = DATABASE() AND t.table_name = e.name AND t.engine = 'InnoDB'
   AND t.table_collation = 'utf8mb4_unicode_ci' AND t.table_comment <> ''
WHERE t.table_name IS NULL OR e.n <> (
    SELECT COUNT(*) FROM information_schema.columns c
    WHERE c.table_schema = DATABASE() AND c.table_name = e.name AND c.column_comment <> '')
UNION ALL
SELECT CONCAT('standard field missing: ', t.table_name, '.', f.name)
FROM information_schema.tables t
CROSS JOIN (SELECT 'id' AS name UNION ALL SELECT 'is_deleted' UNION ALL SELECT 'status'
            UNION ALL SELECT 'version' UNION ALL SELECT 'created_at'
            UNION ALL SELECT 'updated_at') AS f
LEFT JOIN information_schema.columns c
    ON c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.column_name = f.name
WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
  AND t.table_name NOT LIKE '%schema\_history' AND c.column_name IS NULL
UNION ALL
SELECT CONCAT('standard index missing: ', t.table_name, '.', i.name)
FROM information_schema.tables t
CROSS JOIN (SELECT 'idx_status_deleted' AS name UNION ALL SELECT 'idx_updated_at') AS i
LEFT JOIN information_schema.statistics s
    ON s.table_schema = t.table_schema AND s.table_name = t.table_name
   AND s.index_name = i.name AND s.seq_in_index = 1
WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
  AND t.table_name NOT LIKE '%schema\_history' AND s.index_name IS NULL
UNION ALL
SELECT CONCAT('business key is not unique: ', e.tab, ' (', e.cols, ')')
FROM (SELECT 'tower_pattern' AS tab, 'pattern_id' AS cols
      UNION ALL SELECT 'tower_teaching_type', 'teaching_type_id'
      UNION ALL SELECT 'tower_teaching_type_pt', 'teaching_type_id,pt_id'
      UNION ALL SELECT 'wrong_question_record', 'wrong_id'
      UNION ALL SELECT 'user_profile', 'user_id'
      UNION ALL SELECT 'dwd_wrong_record_wide_delta', 'fix_id'
      UNION ALL SELECT 'dws_user_daily_stats', 'user_id,stat_date'
      UNION ALL SELECT 'dq_rule', 'rule_code') AS e
WHERE NOT EXISTS (
    SELECT 1 FROM information_schema.statistics s
    WHERE s.table_schema = DATABASE() AND s.table_name = e.tab AND s.index_name LIKE 'uk\_%'
      AND s.non_unique = 0
    GROUP BY s.index_name
    HAVING GROUP_CONCAT(s.column_name ORDER BY s.seq_in_index) = e.cols)
UNION ALL
SELECT CONCAT(x.kind, ' constraints: ', COUNT(k.constraint_name), ' instead of ', x.n)
FROM (SELECT 'FOREIGN KEY' AS kind, 3 AS n UNION ALL SELECT 'CHECK', 15) AS x
LEFT JOIN information_schema.table_constraints k
    ON k.table_schema = DATABASE() AND k.constraint_type = x.kind
GROUP BY x.kind, x.n HAVING COUNT(k.constraint_name) <> x.n
UNION ALL
SELECT 'correct_rate is not computed' FROM (SELECT 1 AS one) AS x
WHERE NOT EXISTS (
    SELECT 1 FROM information_schema.columns c
    WHERE c.table_schema = DATABASE() AND c.table_name = 'dws_user_daily_stats'
      AND c.column_name = 'correct_rate' AND c.extra LIKE '%STORED GENERATED%')
UNION ALL
SELECT CONCAT('view missing: ', e.name)
FROM (SELECT 'v_dim_quality' AS name UNION ALL SELECT 'v_dq_violation') AS e
LEFT JOIN information_schema.views v ON v.table_schema = DATABASE() AND v.table_name = e.name
WHERE v.table_name IS NULL
UNION ALL
SELECT CONCAT('not 3 rules, or not measured: ', e.name)
FROM (SELECT 'tower_pattern' AS name UNION ALL SELECT 'tower_teaching_type'
      UNION ALL SELECT 'tower_teaching_type_pt' UNION ALL SELECT 'wrong_question_record'
      UNION ALL SELECT 'user_profile') AS e
WHERE 3 <> (SELECT COUNT(*) FROM dq_rule r WHERE r.table_name = e.name AND r.status = 1)
   OR 1 <> (SELECT COUNT(*) FROM v_dim_quality q WHERE q.table_name = e.name)
UNION ALL
SELECT CONCAT('rule broken in an empty warehouse: ', v.rule_code)
FROM v_dq_violation v WHERE v.severity = 'ERROR';
