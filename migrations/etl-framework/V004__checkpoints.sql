-- etl-framework V004: checkpoints and the states in them (group 4 of 7). The data of the states is in
-- files; here is where to find it.

CREATE TABLE etl_checkpoint (
    id                BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    checkpoint_id     VARCHAR(64)  NOT NULL COMMENT 'Id of the checkpoint',
    job_id            VARCHAR(64)  NOT NULL COMMENT 'The job',
    execution_id      VARCHAR(64)  NOT NULL COMMENT 'The execution',
    checkpoint_type   VARCHAR(32)  NOT NULL DEFAULT 'PERIODIC' COMMENT 'PERIODIC or SAVEPOINT (by hand)',
    checkpoint_status VARCHAR(32)  NOT NULL COMMENT 'IN_PROGRESS, COMPLETED or FAILED',
    trigger_time      DATETIME     NOT NULL COMMENT 'Begin',
    complete_time     DATETIME     NULL COMMENT 'End',
    duration_ms       BIGINT       NULL COMMENT 'Time it took',
    state_size_bytes  BIGINT       NULL COMMENT 'Size of all states',
    checkpoint_path   VARCHAR(512) NULL COMMENT 'Where it is: file system, HDFS, S3, ...',
    operator_count    INT          NULL COMMENT 'Number of operators',
    error_message     TEXT         NULL COMMENT 'Why it failed',
    metadata          JSON         NULL COMMENT 'Further facts',
    create_time       DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    PRIMARY KEY (id),
    UNIQUE KEY uk_checkpoint_id (checkpoint_id),
    KEY idx_job_status_trigger (job_id, checkpoint_status, trigger_time) COMMENT 'Last good one of a job',
    KEY idx_execution_id (execution_id),
    KEY idx_trigger_time (trigger_time) COMMENT 'Ranges of time; retention, 3 months',
    CONSTRAINT fk_etl_checkpoint_execution
        FOREIGN KEY (execution_id) REFERENCES etl_job_execution (execution_id),
    CONSTRAINT ck_etl_checkpoint_type CHECK (checkpoint_type IN ('PERIODIC', 'SAVEPOINT')),
    CONSTRAINT ck_etl_checkpoint_status
        CHECK (checkpoint_status IN ('IN_PROGRESS', 'COMPLETED', 'FAILED')),
    CONSTRAINT ck_etl_checkpoint_sizes
        CHECK (duration_ms >= 0 AND state_size_bytes >= 0 AND operator_count >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Checkpoints, kept for 3 months';

CREATE TABLE etl_operator_state (
    id               BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    state_id         VARCHAR(64)  NOT NULL COMMENT 'Id of the state',
    checkpoint_id    VARCHAR(64)  NOT NULL COMMENT 'The checkpoint',
    operator_id      VARCHAR(64)  NOT NULL COMMENT 'The operator',
    operator_name    VARCHAR(128) NOT NULL COMMENT 'Its name',
    state_type       VARCHAR(32)  NOT NULL COMMENT 'VALUE, LIST or MAP',
    state_name       VARCHAR(128) NOT NULL COMMENT 'Name of the state',
    state_size_bytes BIGINT       NULL COMMENT 'Its size',
    state_path       VARCHAR(512) NULL COMMENT 'Where its data is',
    create_time      DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    PRIMARY KEY (id),
    UNIQUE KEY uk_state_id (state_id),
    KEY idx_checkpoint_id (checkpoint_id),
    KEY idx_operator_id (operator_id),
    -- A state is of no use without its checkpoint: it goes with it.
    CONSTRAINT fk_etl_operator_state_checkpoint
        FOREIGN KEY (checkpoint_id) REFERENCES etl_checkpoint (checkpoint_id) ON DELETE CASCADE,
    CONSTRAINT ck_etl_operator_state_type CHECK (state_type IN ('VALUE', 'LIST', 'MAP')),
    CONSTRAINT ck_etl_operator_state_size CHECK (state_size_bytes >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'States of operators in a checkpoint';
