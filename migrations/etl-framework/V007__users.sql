-- etl-framework V007: users and what they did (group 7 of 7).

CREATE TABLE etl_user (
    id              BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    user_id         VARCHAR(64)  NOT NULL COMMENT 'Id of the user',
    username        VARCHAR(64)  NOT NULL COMMENT 'Login name',
    password        VARCHAR(128) NULL COMMENT 'Hash of the password (BCrypt); NULL: logs in elsewhere',
    email           VARCHAR(128) NULL COMMENT 'Address',
    phone           VARCHAR(32)  NULL COMMENT 'Telephone',
    real_name       VARCHAR(64)  NULL COMMENT 'Name',
    role            VARCHAR(32)  NOT NULL DEFAULT 'USER' COMMENT 'ADMIN, DEVELOPER or USER',
    status          VARCHAR(32)  NOT NULL DEFAULT 'ACTIVE' COMMENT 'ACTIVE, INACTIVE or LOCKED',
    last_login_time DATETIME     NULL COMMENT 'Last login',
    create_time     DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    update_time     DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_user_id (user_id),
    UNIQUE KEY uk_username (username),
    KEY idx_email (email),
    CONSTRAINT ck_etl_user_role CHECK (role IN ('ADMIN', 'DEVELOPER', 'USER')),
    CONSTRAINT ck_etl_user_status CHECK (status IN ('ACTIVE', 'INACTIVE', 'LOCKED'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Users';

-- Partitioned by month (V008), so every key holds operation_time. log_id is then unique for one
-- instant only; that it is unique at all is up to the writer, who makes it from a UUID.
CREATE TABLE etl_operation_log (
    id               BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    log_id           VARCHAR(64)  NOT NULL COMMENT 'Id of the entry; unique with operation_time',
    user_id          VARCHAR(64)  NULL COMMENT 'The user',
    username         VARCHAR(64)  NULL COMMENT 'Login name at that time',
    operation_type   VARCHAR(64)  NOT NULL COMMENT 'CREATE_JOB, UPDATE_JOB, DELETE_JOB, START_JOB, STOP_JOB, ...',
    resource_type    VARCHAR(32)  NOT NULL COMMENT 'JOB, CONNECTOR, CONFIG, ...',
    resource_id      VARCHAR(64)  NULL COMMENT 'Which one',
    operation_desc   TEXT         NULL COMMENT 'What was done, in words',
    request_params   JSON         NULL COMMENT 'Parameters',
    response_result  TEXT         NULL COMMENT 'Result',
    operation_status VARCHAR(32)  NOT NULL COMMENT 'SUCCESS or FAILED',
    error_message    TEXT         NULL COMMENT 'Why it failed',
    ip_address       VARCHAR(64)  NULL COMMENT 'Address of the client',
    user_agent       VARCHAR(256) NULL COMMENT 'Program of the client',
    operation_time   DATETIME     NOT NULL COMMENT 'When; the partition key',
    duration_ms      BIGINT       NULL COMMENT 'Time it took',
    create_time      DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    PRIMARY KEY (id, operation_time),
    UNIQUE KEY uk_log_id (log_id, operation_time),
    KEY idx_user_id (user_id),
    KEY idx_resource_type_id (resource_type, resource_id),
    KEY idx_operation_time (operation_time) COMMENT 'Ranges of time; retention, 1 year',
    CONSTRAINT ck_etl_operation_log_status CHECK (operation_status IN ('SUCCESS', 'FAILED')),
    CONSTRAINT ck_etl_operation_log_duration CHECK (duration_ms >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'What users did, kept for 1 year';
