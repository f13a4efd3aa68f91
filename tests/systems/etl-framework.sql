-- Facts of the etl-framework schema, for MySQL and MariaDB: every row of the result is something
-- wrong.
SELECT CONCAT('table missing, or other columns, engine, collation or comments: ', e.name) AS problem
FROM (SELECT 'etl_job' AS name, 21 AS n
      UNION ALL SELECT 'etl_job_execution', 18
      UNION ALL SELECT 'etl_job_schedule', 18
      UNION ALL SELECT 'etl_stream_graph', 11
      UNION ALL SELECT 'etl_job_graph', 12
      UNION ALL SELECT 'etl_graph_node', 13
      UNION ALL SELECT 'etl_graph_edge', 9
      UNION ALL SELECT 'etl_connector', 15
      UNION ALL SELECT 'etl_connector_config', 12
      UNION ALL SELECT 'etl_checkpoint', 15
      UNION ALL SELECT 'etl_operator_state', 10
      UNION ALL SELECT 'etl_job_metrics', 16
      UNION ALL SELECT 'etl_operator_metrics', 13
      UNION ALL SELECT 'etl_system_config', 11
      UNION ALL SELECT 'etl_alert_rule', 17
      UNION ALL SELECT 'etl_alert_history', 15
      UNION ALL SELECT 'etl_user', 12
      UNION ALL SELECT 'etl_operation_log', 17
      UNION ALL SELECT 'etl_job_execution_archive', 18
      UNION ALL SELECT 'etl_checkpoint_archive', 15
      UNION ALL SELECT 'etl_alert_history_archive', 15
      UNION ALL SELECT 'etl_job_metrics_archive', 16
      UNION ALL SELECT 'etl_operator_metrics_archive', 13
      UNION ALL SELECT 'etl_operation_log_archive', 17) AS e
LEFT JOIN information_schema.tables t
    ON t.table_schema = DATABASE() AND t.table_name = e.name AND t.engine = 'InnoDB'
   AND t.table_collation = 'utf8mb4_unicode_ci' AND t.table_comment <> ''
WHERE t.table_name IS NULL OR e.n <> (
    SELECT COUNT(*) FROM information_schema.columns c
    WHERE c.table_schema = DATABASE() AND c.table_name = e.name AND c.column_comment <> '')
UNION ALL
SELECT CONCAT('no partition for the month ', m.name, ': ', e.name)
FROM (SELECT 'etl_job_metrics' AS name UNION ALL SELECT 'etl_operator_metrics'
      UNION ALL SELECT 'etl_operation_log') AS e
CROSS JOIN (SELECT DATE_FORMAT(CURRENT_DATE, 'p%Y%m') AS name
            UNION ALL SELECT DATE_FORMAT(CURRENT_DATE + INTERVAL 1 MONTH, 'p%Y%m')
            UNION ALL SELECT DATE_FORMAT(CURRENT_DATE + INTERVAL 2 MONTH, 'p%Y%m')) AS m
LEFT JOIN information_schema.partitions p
    ON p.table_schema = DATABASE() AND p.table_name = e.name AND p.partition_name = m.name
   AND p.partition_method = 'RANGE COLUMNS'
   AND p.partition_description
       = QUOTE(DATE_FORMAT(STR_TO_DATE(CONCAT(m.name, '01'), 'p%Y%m%d') + INTERVAL 1 MONTH, '%Y-%m-%d'))
WHERE p.partition_name IS NULL
UNION ALL
SELECT CONCAT('not 7 months and p_future at the end: ', e.name)
FROM (SELECT 'etl_job_metrics' AS name UNION ALL SELECT 'etl_operator_metrics'
      UNION ALL SELECT 'etl_operation_log') AS e
WHERE 8 <> (SELECT COUNT(*) FROM information_schema.partitions p
            WHERE p.table_schema = DATABASE() AND p.table_name = e.name)
   OR NOT EXISTS (SELECT 1 FROM information_schema.partitions p
                  WHERE p.table_schema = DATABASE() AND p.table_name = e.name
                    AND p.partition_name = 'p_future' AND p.partition_ordinal_position = 8
                    AND p.partition_description = 'MAXVALUE')
UNION ALL
SELECT CONCAT('archive is partitioned or counts by itself: ', t.table_name)
FROM information_schema.tables t
WHERE t.table_schema = DATABASE() AND t.table_name LIKE 'etl\_%\_archive'
  AND (t.create_options LIKE '%partitioned%' OR EXISTS (
      SELECT 1 FROM information_schema.columns c
      WHERE c.table_schema = DATABASE() AND c.table_name = t.table_name
        AND c.extra LIKE '%auto_increment%'))
UNION ALL
SELECT CONCAT('index missing: ', e.tab, '.', e.name)
FROM (SELECT 'etl_job_execution' AS tab, 'idx_job_status_time' AS name,
             'job_id,execution_status,start_time' AS cols
      UNION ALL SELECT 'etl_job_metrics', 'idx_job_exec_time', 'job_id,execution_id,metric_time'
      UNION ALL SELECT 'etl_checkpoint', 'idx_job_status_trigger',
                       'job_id,checkpoint_status,trigger_time'
      UNION ALL SELECT 'etl_job_metrics', 'PRIMARY', 'id,metric_time'
      UNION ALL SELECT 'etl_operator_metrics', 'PRIMARY', 'id,metric_time'
      UNION ALL SELECT 'etl_operation_log', 'PRIMARY', 'id,operation_time'
      UNION ALL SELECT 'etl_operation_log', 'uk_log_id', 'log_id,operation_time'
      UNION ALL SELECT 'etl_job', 'uk_job_id', 'job_id'
      UNION ALL SELECT 'etl_job', 'idx_job_status', 'job_status'
      UNION ALL SELECT 'etl_job', 'idx_create_time', 'create_time') AS e
WHERE NOT EXISTS (
    SELECT 1 FROM information_schema.statistics s
    WHERE s.table_schema = DATABASE() AND s.table_name = e.tab AND s.index_name = e.name
    HAVING GROUP_CONCAT(s.column_name ORDER BY s.seq_in_index) = e.cols)
UNION ALL
SELECT CONCAT(x.kind, ' constraints: ', COUNT(k.constraint_name), ' instead of ', x.n)
FROM (SELECT 'FOREIGN KEY' AS kind, 11 AS n UNION ALL SELECT 'CHECK', 43) AS x
LEFT JOIN information_schema.table_constraints k
    ON k.table_schema = DATABASE() AND k.constraint_type = x.kind
   AND k.table_name NOT LIKE '%\_archive' AND (x.kind = 'FOREIGN KEY' OR k.constraint_name LIKE 'ck\_%')
GROUP BY x.kind, x.n HAVING COUNT(k.constraint_name) <> x.n
UNION ALL
SELECT CONCAT('built-in connector missing: ', e.name)
FROM (SELECT 'connector-jdbc' AS name UNION ALL SELECT 'connector-kafka'
      UNION ALL SELECT 'connector-http' UNION ALL SELECT 'connector-file') AS e
WHERE NOT EXISTS (
    SELECT 1 FROM etl_connector c
    WHERE c.connector_id = e.name AND c.is_builtin = 1 AND c.is_enabled = 1
      AND c.support_source = 1 AND c.support_sink = 1 AND JSON_VALID(c.config_schema))
UNION ALL
SELECT 'not 11 settings in 5 groups' FROM (SELECT 1 AS one) AS x
WHERE (SELECT COUNT(*) FROM etl_system_config WHERE config_key LIKE 'system.%') <> 11
   OR (SELECT COUNT(DISTINCT config_group) FROM etl_system_config) <> 5
UNION ALL
SELECT 'not 3 alert rules' FROM (SELECT 1 AS one) AS x
WHERE (SELECT COUNT(*) FROM etl_alert_rule WHERE creator = 'system' AND is_enabled = 1) <> 3;
