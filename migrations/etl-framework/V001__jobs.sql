-- etl-framework V001: jobs, their executions and schedules (group 1 of 7). MySQL 8.0.16 or newer,
-- MariaDB 10.6 or newer.
--
-- In all files of this set:
-- * The collation is named and is one that both servers have; the default of MySQL
--   (utf8mb4_0900_ai_ci) is unknown to MariaDB.
-- * Relations are foreign keys, except where InnoDB does not allow them (partitioned tables) or where
--   a column names one of two tables (graph_id of nodes and edges).
-- * There is no index on job_id alone where a wider one begins with job_id.

CREATE TABLE etl_job (
    id                          BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    job_id                      VARCHAR(64)  NOT NULL COMMENT 'Id of the job, a UUID',
    job_name                    VARCHAR(128) NOT NULL COMMENT 'Name of the job',
    job_type                    VARCHAR(32)  NOT NULL COMMENT 'STREAMING or BATCH',
    job_status                  VARCHAR(32)  NOT NULL DEFAULT 'CREATED'
        COMMENT 'CREATED, SCHEDULED, RUNNING, PAUSED, COMPLETED, FAILED or CANCELLED',
    description                 TEXT         NULL COMMENT 'What the job does',
    job_graph_id                VARCHAR(64)  NULL COMMENT 'Graph that runs now: etl_job_graph.graph_id',
    parallelism                 INT          NOT NULL DEFAULT 1 COMMENT 'Parallelism',
    max_parallelism             INT          NOT NULL DEFAULT 128 COMMENT 'Limit of the parallelism',
    restart_strategy            VARCHAR(32)  NOT NULL DEFAULT 'FIXED_DELAY'
        COMMENT 'FIXED_DELAY, EXPONENTIAL_BACKOFF or FAILURE_RATE',
    restart_attempts            INT          NOT NULL DEFAULT 3 COMMENT 'Restarts before the job has failed',
    restart_delay_seconds       INT          NOT NULL DEFAULT 10 COMMENT 'Pause before a restart',
    checkpoint_enabled          TINYINT      NOT NULL DEFAULT 1 COMMENT '1: makes checkpoints',
    checkpoint_interval_seconds INT          NOT NULL DEFAULT 60 COMMENT 'Time between two checkpoints',
    config                      JSON         NULL COMMENT 'Configuration of sources, operators and sinks',
    metadata                    JSON         NULL COMMENT 'Further facts',
    creator                     VARCHAR(64)  NULL COMMENT 'Who made it',
    updater                     VARCHAR(64)  NULL COMMENT 'Who changed it last',
    create_time                 DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    update_time                 DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    is_deleted                  TINYINT      NOT NULL DEFAULT 0 COMMENT '1: deleted (jobs are kept for ever)',
    PRIMARY KEY (id),
    UNIQUE KEY uk_job_id (job_id),
    KEY idx_job_name (job_name),
    KEY idx_job_status (job_status),
    KEY idx_create_time (create_time),
    CONSTRAINT ck_etl_job_type CHECK (job_type IN ('STREAMING', 'BATCH')),
    CONSTRAINT ck_etl_job_status CHECK (job_status IN (
        'CREATED', 'SCHEDULED', 'RUNNING', 'PAUSED', 'COMPLETED', 'FAILED', 'CANCELLED')),
    CONSTRAINT ck_etl_job_restart_strategy
        CHECK (restart_strategy IN ('FIXED_DELAY', 'EXPONENTIAL_BACKOFF', 'FAILURE_RATE')),
    CONSTRAINT ck_etl_job_parallelism CHECK (parallelism BETWEEN 1 AND max_parallelism),
    CONSTRAINT ck_etl_job_flags CHECK (checkpoint_enabled IN (0, 1) AND is_deleted IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Jobs';

CREATE TABLE etl_job_execution (
    id                 BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    execution_id       VARCHAR(64)  NOT NULL COMMENT 'Id of the execution',
    job_id             VARCHAR(64)  NOT NULL COMMENT 'The job',
    job_name           VARCHAR(128) NOT NULL COMMENT 'Its name at that time',
    execution_status   VARCHAR(32)  NOT NULL COMMENT 'RUNNING, COMPLETED, FAILED or CANCELLED',
    start_time         DATETIME     NULL COMMENT 'Begin',
    end_time           DATETIME     NULL COMMENT 'End',
    duration_ms        BIGINT       NULL COMMENT 'Time it took',
    records_read       BIGINT       NOT NULL DEFAULT 0 COMMENT 'Records read',
    records_processed  BIGINT       NOT NULL DEFAULT 0 COMMENT 'Records processed',
    records_written    BIGINT       NOT NULL DEFAULT 0 COMMENT 'Records written',
    records_filtered   BIGINT       NOT NULL DEFAULT 0 COMMENT 'Records left out by a filter',
    records_failed     BIGINT       NOT NULL DEFAULT 0 COMMENT 'Records that failed',
    error_message      TEXT         NULL COMMENT 'Why it failed',
    error_stack_trace  TEXT         NULL COMMENT 'Where it failed',
    last_checkpoint_id VARCHAR(64)  NULL COMMENT 'Last good checkpoint, to go on from',
    metrics            JSON         NULL COMMENT 'Metrics in detail',
    create_time        DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    PRIMARY KEY (id),
    UNIQUE KEY uk_execution_id (execution_id),
    KEY idx_job_status_time (job_id, execution_status, start_time) COMMENT 'History of a job',
    KEY idx_status (execution_status),
    KEY idx_start_time (start_time) COMMENT 'Ranges of time; retention, 6 months',
    CONSTRAINT fk_etl_job_execution_job FOREIGN KEY (job_id) REFERENCES etl_job (job_id),
    CONSTRAINT ck_etl_job_execution_status
        CHECK (execution_status IN ('RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
    CONSTRAINT ck_etl_job_execution_times CHECK (end_time >= start_time AND duration_ms >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Executions of jobs, kept for 6 months';

CREATE TABLE etl_job_schedule (
    id                  BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    schedule_id         VARCHAR(64)  NOT NULL COMMENT 'Id of the schedule',
    job_id              VARCHAR(64)  NOT NULL COMMENT 'The job; it has one schedule',
    schedule_type       VARCHAR(32)  NOT NULL COMMENT 'IMMEDIATE, CRON, DEPENDENCY or EVENT',
    schedule_enabled    TINYINT      NOT NULL DEFAULT 1 COMMENT '1: in force',
    cron_expression     VARCHAR(128) NULL COMMENT 'For CRON, e.g. 0 0 * * * ? for every hour',
    timezone            VARCHAR(64)  NOT NULL DEFAULT 'Asia/Shanghai' COMMENT 'Time zone of cron_expression',
    dependency_job_ids  TEXT         NULL COMMENT 'For DEPENDENCY: job ids, separated by commas',
    event_type          VARCHAR(64)  NULL COMMENT 'For EVENT',
    priority            INT          NOT NULL DEFAULT 0 COMMENT 'The higher, the earlier',
    max_concurrent_runs INT          NOT NULL DEFAULT 1 COMMENT 'Executions at the same time',
    next_fire_time      DATETIME     NULL COMMENT 'Next start',
    last_fire_time      DATETIME     NULL COMMENT 'Last start',
    fire_count          BIGINT       NOT NULL DEFAULT 0 COMMENT 'Starts so far',
    config              JSON         NULL COMMENT 'Further settings',
    creator             VARCHAR(64)  NULL COMMENT 'Who made it',
    create_time         DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    update_time         DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_schedule_id (schedule_id),
    UNIQUE KEY uk_job_id (job_id),
    KEY idx_schedule_type (schedule_type),
    KEY idx_next_fire_time (next_fire_time) COMMENT 'What the scheduler asks for all the time',
    CONSTRAINT fk_etl_job_schedule_job FOREIGN KEY (job_id) REFERENCES etl_job (job_id),
    CONSTRAINT ck_etl_job_schedule_type
        CHECK (schedule_type IN ('IMMEDIATE', 'CRON', 'DEPENDENCY', 'EVENT')),
    CONSTRAINT ck_etl_job_schedule_cron
        CHECK (schedule_type <> 'CRON' OR cron_expression IS NOT NULL),
    CONSTRAINT ck_etl_job_schedule_runs CHECK (max_concurrent_runs >= 1 AND fire_count >= 0),
    CONSTRAINT ck_etl_job_schedule_flags CHECK (schedule_enabled IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'When jobs start';
