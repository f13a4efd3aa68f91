-- Facts of the flink-diagnosis schema, for MySQL and MariaDB: every row of the result is something
-- wrong.
SELECT CONCAT('table missing, or other columns, engine or character set: ', e.name) AS problem
FROM (SELECT 'flink_job_exceptions' AS name, 13 AS n UNION ALL SELECT 'knowledge_cases', 11) AS e
LEFT JOIN information_schema.tables t
    ON t.table_schema = DATABASE() AND t.table_name = e.name
   AND t.engine = 'InnoDB' AND t.table_collation = 'utf8mb4_unicode_ci'
WHERE t.table_name IS NULL OR e.n <> (
    SELECT COUNT(*) FROM information_schema.columns c
    WHERE c.table_schema = DATABASE() AND c.table_name = e.name AND c.column_comment <> '')
UNION ALL
SELECT CONCAT('index missing: ', e.tab, '.', e.name)
FROM (SELECT 'flink_job_exceptions' AS tab, 'idx_status' AS name
      UNION ALL SELECT 'flink_job_exceptions', 'idx_job_id'
      UNION ALL SELECT 'flink_job_exceptions', 'idx_error_type'
      UNION ALL SELECT 'flink_job_exceptions', 'idx_created_at'
      UNION ALL SELECT 'knowledge_cases', 'uk_case_id'
      UNION ALL SELECT 'knowledge_cases', 'idx_error_type'
      UNION ALL SELECT 'knowledge_cases', 'idx_source_type'
      UNION ALL SELECT 'knowledge_cases', 'idx_verified'
      UNION ALL SELECT 'knowledge_cases', 'idx_source_exception_id') AS e
LEFT JOIN information_schema.statistics s
    ON s.table_schema = DATABASE() AND s.table_name = e.tab AND s.index_name = e.name
WHERE s.index_name IS NULL
UNION ALL
SELECT CONCAT('check missing: ', e.name)
FROM (SELECT 'ck_flink_job_exceptions_job_type' AS name
      UNION ALL SELECT 'ck_flink_job_exceptions_error_type'
      UNION ALL SELECT 'ck_flink_job_exceptions_status'
      UNION ALL SELECT 'ck_flink_job_exceptions_confidence'
      UNION ALL SELECT 'ck_knowledge_cases_verified') AS e
LEFT JOIN information_schema.table_constraints k
    ON k.table_schema = DATABASE() AND k.constraint_name = e.name AND k.constraint_type = 'CHECK'
WHERE k.constraint_name IS NULL
UNION ALL
SELECT 'no foreign key ON DELETE SET NULL from knowledge_cases to flink_job_exceptions'
FROM (SELECT 1 AS one) AS x
WHERE NOT EXISTS (
    SELECT 1 FROM information_schema.referential_constraints r
    WHERE r.constraint_schema = DATABASE() AND r.table_name = 'knowledge_cases'
      AND r.referenced_table_name = 'flink_job_exceptions' AND r.delete_rule = 'SET NULL');
