-- flink-diagnosis V001: exceptions of Flink jobs and their diagnosis. MySQL 8.0.16 or newer, MariaDB
-- 10.6 or newer.
--
-- The collation is named and is one that both servers have: the default of MySQL (utf8mb4_0900_ai_ci)
-- is unknown to MariaDB, and without a name the same file would make two different schemas.

CREATE TABLE flink_job_exceptions (
    id                   BIGINT        NOT NULL AUTO_INCREMENT COMMENT 'Number of the exception',
    job_id               VARCHAR(64)   NOT NULL COMMENT 'Flink job id',
    job_name             VARCHAR(256)  NULL COMMENT 'Name of the job',
    job_type             VARCHAR(32)   NULL COMMENT 'streaming or batch',
    job_config           JSON          NULL COMMENT 'Configuration of the job',
    error_message        TEXT          NOT NULL COMMENT 'The exception as thrown',
    error_type           VARCHAR(64)   NULL
        COMMENT 'Class, found automatically: checkpoint_failure, backpressure, deserialization_error, oom, network, other',
    status               VARCHAR(32)   NOT NULL DEFAULT 'pending'
        COMMENT 'pending, in_progress (an agent has it), completed, failed',
    -- JSON and not TEXT: the server then refuses a diagnosis that is cut or is no JSON.
    suggested_fix        JSON          NULL
        COMMENT 'Diagnosis: root_cause, detailed_analysis, suggested_fix, priority (high, medium, low), related_docs',
    -- DECIMAL and not FLOAT: knowledge is kept from 0.8 on, and as a FLOAT 0.7 is 0.699999988 to a
    -- comparison with a literal.
    diagnosis_confidence DECIMAL(5, 4) NULL COMMENT 'How sure the diagnosis is, 0 to 1',
    diagnosed_at         DATETIME      NULL COMMENT 'When the diagnosis was done',
    created_at           DATETIME      NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When it happened',
    updated_at           DATETIME      NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    KEY idx_status (status) COMMENT 'Work to do: the most frequent question',
    KEY idx_job_id (job_id) COMMENT 'Exceptions of a job',
    KEY idx_error_type (error_type) COMMENT 'Statistics by class',
    KEY idx_created_at (created_at) COMMENT 'Ranges of time; retention, 90 days',
    CONSTRAINT ck_flink_job_exceptions_job_type CHECK (job_type IN ('streaming', 'batch')),
    CONSTRAINT ck_flink_job_exceptions_error_type CHECK (error_type IN (
        'checkpoint_failure', 'backpressure', 'deserialization_error', 'oom', 'network', 'other')),
    CONSTRAINT ck_flink_job_exceptions_status
        CHECK (status IN ('pending', 'in_progress', 'completed', 'failed')),
    CONSTRAINT ck_flink_job_exceptions_confidence CHECK (diagnosis_confidence BETWEEN 0 AND 1)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Exceptions of Flink jobs and their diagnosis';
