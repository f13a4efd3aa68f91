-- etl-framework V006: settings, alert rules and alerts (group 6 of 7).

CREATE TABLE etl_system_config (
    id           BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    config_key   VARCHAR(128) NOT NULL COMMENT 'Name of the setting',
    config_value TEXT         NOT NULL COMMENT 'Its value',
    config_type  VARCHAR(32)  NOT NULL COMMENT 'STRING, INT, BOOLEAN or JSON',
    config_group VARCHAR(64)  NULL COMMENT 'executor, checkpoint, metrics, ...',
    description  TEXT         NULL COMMENT 'What it does',
    is_encrypted TINYINT      NOT NULL DEFAULT 0 COMMENT '1: the value is encrypted',
    is_readonly  TINYINT      NOT NULL DEFAULT 0 COMMENT '1: must not be changed',
    updater      VARCHAR(64)  NULL COMMENT 'Who changed it last',
    create_time  DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    update_time  DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_config_key (config_key),
    KEY idx_config_group (config_group),
    CONSTRAINT ck_etl_system_config_type
        CHECK (config_type IN ('STRING', 'INT', 'BOOLEAN', 'JSON')),
    CONSTRAINT ck_etl_system_config_flags CHECK (is_encrypted IN (0, 1) AND is_readonly IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Settings of the framework';

CREATE TABLE etl_alert_rule (
    id                    BIGINT         NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    rule_id               VARCHAR(64)    NOT NULL COMMENT 'Id of the rule',
    rule_name             VARCHAR(128)   NOT NULL COMMENT 'Name of the rule',
    rule_type             VARCHAR(32)    NOT NULL
        COMMENT 'JOB_FAILED, HIGH_LATENCY, BACKPRESSURE or CHECKPOINT_FAILED',
    target_type           VARCHAR(32)    NOT NULL COMMENT 'JOB or OPERATOR',
    target_id             VARCHAR(64)    NULL COMMENT 'Which one; NULL: all',
    metric_name           VARCHAR(64)    NULL COMMENT 'The metric that is compared',
    condition_operator    VARCHAR(16)    NULL COMMENT 'How: >, <, =, >=, <=',
    threshold_value       DECIMAL(20, 2) NULL COMMENT 'With what',
    duration_seconds      INT            NULL COMMENT 'For how long',
    alert_level           VARCHAR(32)    NOT NULL DEFAULT 'WARNING' COMMENT 'INFO, WARNING, ERROR or CRITICAL',
    notification_channels VARCHAR(256)   NULL COMMENT 'EMAIL, SMS, WEBHOOK, separated by commas',
    notification_config   JSON           NULL COMMENT 'Settings of the channels',
    is_enabled            TINYINT        NOT NULL DEFAULT 1 COMMENT '1: in force',
    creator               VARCHAR(64)    NULL COMMENT 'Who made it',
    create_time           DATETIME       NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    update_time           DATETIME       NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_rule_id (rule_id),
    KEY idx_rule_type (rule_type),
    KEY idx_target_type_id (target_type, target_id),
    CONSTRAINT ck_etl_alert_rule_type
        CHECK (rule_type IN ('JOB_FAILED', 'HIGH_LATENCY', 'BACKPRESSURE', 'CHECKPOINT_FAILED')),
    CONSTRAINT ck_etl_alert_rule_target CHECK (target_type IN ('JOB', 'OPERATOR')),
    CONSTRAINT ck_etl_alert_rule_operator
        CHECK (condition_operator IN ('>', '<', '=', '>=', '<=')),
    CONSTRAINT ck_etl_alert_rule_level
        CHECK (alert_level IN ('INFO', 'WARNING', 'ERROR', 'CRITICAL')),
    CONSTRAINT ck_etl_alert_rule_flags CHECK (is_enabled IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'When to alert';

CREATE TABLE etl_alert_history (
    id                  BIGINT         NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    alert_id            VARCHAR(64)    NOT NULL COMMENT 'Id of the alert',
    rule_id             VARCHAR(64)    NOT NULL COMMENT 'The rule',
    rule_name           VARCHAR(128)   NOT NULL COMMENT 'Its name at that time',
    alert_level         VARCHAR(32)    NOT NULL COMMENT 'INFO, WARNING, ERROR or CRITICAL',
    job_id              VARCHAR(64)    NULL COMMENT 'The job',
    operator_id         VARCHAR(64)    NULL COMMENT 'The operator',
    alert_time          DATETIME       NOT NULL COMMENT 'When',
    alert_message       TEXT           NOT NULL COMMENT 'Text',
    current_value       DECIMAL(20, 2) NULL COMMENT 'Value at that time',
    threshold_value     DECIMAL(20, 2) NULL COMMENT 'Threshold at that time',
    is_resolved         TINYINT        NOT NULL DEFAULT 0 COMMENT '1: it is over',
    resolve_time        DATETIME       NULL COMMENT 'Since when',
    notification_status VARCHAR(32)    NULL COMMENT 'PENDING, SENT or FAILED',
    create_time         DATETIME       NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    PRIMARY KEY (id),
    UNIQUE KEY uk_alert_id (alert_id),
    KEY idx_rule_id (rule_id),
    KEY idx_job_id (job_id),
    KEY idx_alert_time (alert_time) COMMENT 'Ranges of time; retention, 6 months',
    CONSTRAINT fk_etl_alert_history_rule FOREIGN KEY (rule_id) REFERENCES etl_alert_rule (rule_id),
    CONSTRAINT ck_etl_alert_history_level
        CHECK (alert_level IN ('INFO', 'WARNING', 'ERROR', 'CRITICAL')),
    CONSTRAINT ck_etl_alert_history_notification
        CHECK (notification_status IN ('PENDING', 'SENT', 'FAILED')),
    CONSTRAINT ck_etl_alert_history_flags CHECK (is_resolved IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Alerts, kept for 6 months';
