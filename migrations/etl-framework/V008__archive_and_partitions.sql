-- etl-framework V008: archive tables, then the monthly partitions.
--
-- An archive has the columns and keys of its table, no AUTO_INCREMENT (rows keep their number) and no
-- partitions. LIKE copies keys and CHECKs but no foreign keys, which is right: an archive outlives the
-- jobs. LIKE would also copy partitions, so the archives come first.

CREATE TABLE etl_job_execution_archive LIKE etl_job_execution;
ALTER TABLE etl_job_execution_archive
    MODIFY COLUMN id BIGINT NOT NULL COMMENT 'Row number', COMMENT = 'Archive of etl_job_execution';

CREATE TABLE etl_checkpoint_archive LIKE etl_checkpoint;
ALTER TABLE etl_checkpoint_archive
    MODIFY COLUMN id BIGINT NOT NULL COMMENT 'Row number', COMMENT = 'Archive of etl_checkpoint';

CREATE TABLE etl_alert_history_archive LIKE etl_alert_history;
ALTER TABLE etl_alert_history_archive
    MODIFY COLUMN id BIGINT NOT NULL COMMENT 'Row number', COMMENT = 'Archive of etl_alert_history';

CREATE TABLE etl_job_metrics_archive LIKE etl_job_metrics;
ALTER TABLE etl_job_metrics_archive
    MODIFY COLUMN id BIGINT NOT NULL COMMENT 'Row number', COMMENT = 'Archive of etl_job_metrics';

CREATE TABLE etl_operator_metrics_archive LIKE etl_operator_metrics;
ALTER TABLE etl_operator_metrics_archive
    MODIFY COLUMN id BIGINT NOT NULL COMMENT 'Row number', COMMENT = 'Archive of etl_operator_metrics';

CREATE TABLE etl_operation_log_archive LIKE etl_operation_log;
ALTER TABLE etl_operation_log_archive
    MODIFY COLUMN id BIGINT NOT NULL COMMENT 'Row number', COMMENT = 'Archive of etl_operation_log';

-- Partitions: three months back to three months ahead of the day of installation, then p_future. A
-- list of fixed months would be wrong for everybody who installs after the last of them, and all rows
-- would go to p_future. Neither server has statements for this, so the text is put together here and
-- run by PREPARE, which needs no stored procedure and no right to make one.
--
-- * RANGE COLUMNS and not RANGE (TO_DAYS(...)): with TO_DAYS a query of one month also reads the first
--   partition, where the server suspects the dates that TO_DAYS does not understand.
-- * p_future takes what is later than the last month, so that no row is ever refused. It must stay
--   empty: new months are split off with REORGANIZE PARTITION p_future INTO (...) - ADD PARTITION is
--   an error (1481) when there is a MAXVALUE partition - and that is quick only without rows in it.
-- * The oldest partition takes everything before it: a range has no lower bound here.

SET @months = (
    SELECT GROUP_CONCAT('PARTITION p', DATE_FORMAT(first_day, '%Y%m'), ' VALUES LESS THAN (''',
                        first_day + INTERVAL 1 MONTH, ''')'
                        ORDER BY first_day SEPARATOR ', ')
    FROM (SELECT CAST(DATE_FORMAT(CURRENT_DATE, '%Y-%m-01') AS DATE) + INTERVAL n MONTH AS first_day
          FROM (SELECT -3 AS n UNION ALL SELECT -2 UNION ALL SELECT -1 UNION ALL SELECT 0
                UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS numbers) AS months
);

SET @ddl = CONCAT('ALTER TABLE etl_job_metrics PARTITION BY RANGE COLUMNS (metric_time) (', @months,
                  ', PARTITION p_future VALUES LESS THAN (MAXVALUE))');
PREPARE partition_table FROM @ddl;
EXECUTE partition_table;

SET @ddl = CONCAT('ALTER TABLE etl_operator_metrics PARTITION BY RANGE COLUMNS (metric_time) (', @months,
                  ', PARTITION p_future VALUES LESS THAN (MAXVALUE))');
PREPARE partition_table FROM @ddl;
EXECUTE partition_table;

SET @ddl = CONCAT('ALTER TABLE etl_operation_log PARTITION BY RANGE COLUMNS (operation_time) (', @months,
                  ', PARTITION p_future VALUES LESS THAN (MAXVALUE))');
PREPARE partition_table FROM @ddl;
EXECUTE partition_table;

DEALLOCATE PREPARE partition_table;
SET @months = NULL, @ddl = NULL;
