-- etl-framework V005: metrics of jobs and operators (group 5 of 7), partitioned by month (V008).
--
-- A primary key on a partitioned table must hold the partition column, so it is (id, metric_time) and
-- not id alone. InnoDB has no foreign keys on partitioned tables: job_id and execution_id have none.

CREATE TABLE etl_job_metrics (
    id                      BIGINT         NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    job_id                  VARCHAR(64)    NOT NULL COMMENT 'The job',
    execution_id            VARCHAR(64)    NOT NULL COMMENT 'The execution',
    metric_time             DATETIME       NOT NULL COMMENT 'When it was measured; the partition key',
    records_read_total      BIGINT         NOT NULL DEFAULT 0 COMMENT 'Records read so far',
    records_processed_total BIGINT         NOT NULL DEFAULT 0 COMMENT 'Records processed so far',
    records_written_total   BIGINT         NOT NULL DEFAULT 0 COMMENT 'Records written so far',
    records_read_rate       DECIMAL(20, 2) NOT NULL DEFAULT 0 COMMENT 'Records read per second',
    records_processed_rate  DECIMAL(20, 2) NOT NULL DEFAULT 0 COMMENT 'Records processed per second',
    records_written_rate    DECIMAL(20, 2) NOT NULL DEFAULT 0 COMMENT 'Records written per second',
    backpressure_count      BIGINT         NOT NULL DEFAULT 0 COMMENT 'Times of back-pressure',
    checkpoint_count        INT            NOT NULL DEFAULT 0 COMMENT 'Checkpoints so far',
    restart_count           INT            NOT NULL DEFAULT 0 COMMENT 'Restarts so far',
    cpu_usage_percent       DECIMAL(5, 2)  NULL COMMENT 'CPU, per cent',
    memory_usage_bytes      BIGINT         NULL COMMENT 'Memory',
    create_time             DATETIME       NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    PRIMARY KEY (id, metric_time),
    KEY idx_job_exec_time (job_id, execution_id, metric_time) COMMENT 'Course of an execution',
    KEY idx_execution_id (execution_id),
    KEY idx_metric_time (metric_time) COMMENT 'Ranges of time; retention, 30 days',
    CONSTRAINT ck_etl_job_metrics_usage CHECK (cpu_usage_percent >= 0 AND memory_usage_bytes >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Metrics of jobs, one row a minute, kept for 30 days';

CREATE TABLE etl_operator_metrics (
    id                   BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    job_id               VARCHAR(64)  NOT NULL COMMENT 'The job',
    execution_id         VARCHAR(64)  NOT NULL COMMENT 'The execution',
    operator_id          VARCHAR(64)  NOT NULL COMMENT 'The operator',
    operator_name        VARCHAR(128) NOT NULL COMMENT 'Its name',
    metric_time          DATETIME     NOT NULL COMMENT 'When it was measured; the partition key',
    records_in           BIGINT       NOT NULL DEFAULT 0 COMMENT 'Records that came in',
    records_out          BIGINT       NOT NULL DEFAULT 0 COMMENT 'Records that went out',
    records_filtered     BIGINT       NOT NULL DEFAULT 0 COMMENT 'Records left out',
    processing_time_ms   BIGINT       NOT NULL DEFAULT 0 COMMENT 'Time of processing',
    backpressure_time_ms BIGINT       NOT NULL DEFAULT 0 COMMENT 'Time under back-pressure',
    error_count          INT          NOT NULL DEFAULT 0 COMMENT 'Errors',
    create_time          DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    PRIMARY KEY (id, metric_time),
    KEY idx_job_id (job_id),
    KEY idx_execution_id (execution_id),
    KEY idx_operator_id (operator_id),
    KEY idx_metric_time (metric_time) COMMENT 'Ranges of time; retention, 30 days',
    CONSTRAINT ck_etl_operator_metrics_times
        CHECK (processing_time_ms >= 0 AND backpressure_time_ms >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Metrics of operators, kept for 30 days';
