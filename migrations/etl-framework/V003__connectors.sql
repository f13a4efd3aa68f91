-- etl-framework V003: connectors and their configurations (group 3 of 7).

CREATE TABLE etl_connector (
    id              BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    connector_id    VARCHAR(64)  NOT NULL COMMENT 'Id of the connector',
    connector_name  VARCHAR(128) NOT NULL COMMENT 'Name of the connector',
    connector_type  VARCHAR(64)  NOT NULL COMMENT 'JDBC, KAFKA, HTTP, FILE or CUSTOM',
    connector_class VARCHAR(256) NOT NULL COMMENT 'Class that implements it',
    version         VARCHAR(32)  NULL COMMENT 'Version of the connector',
    description     TEXT         NULL COMMENT 'What it connects to',
    support_source  TINYINT      NOT NULL DEFAULT 0 COMMENT '1: can read',
    support_sink    TINYINT      NOT NULL DEFAULT 0 COMMENT '1: can write',
    config_schema   JSON         NULL COMMENT 'JSON Schema of connection_config, for checks and forms',
    is_builtin      TINYINT      NOT NULL DEFAULT 0 COMMENT '1: part of the framework',
    is_enabled      TINYINT      NOT NULL DEFAULT 1 COMMENT '1: may be used',
    creator         VARCHAR(64)  NULL COMMENT 'Who made it',
    create_time     DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    update_time     DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_connector_id (connector_id),
    KEY idx_connector_type (connector_type),
    CONSTRAINT ck_etl_connector_type
        CHECK (connector_type IN ('JDBC', 'KAFKA', 'HTTP', 'FILE', 'CUSTOM')),
    CONSTRAINT ck_etl_connector_flags CHECK (
        support_source IN (0, 1) AND support_sink IN (0, 1) AND is_builtin IN (0, 1)
        AND is_enabled IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Connectors, kept for ever';

CREATE TABLE etl_connector_config (
    id                BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    config_id         VARCHAR(64)  NOT NULL COMMENT 'Id of the configuration',
    config_name       VARCHAR(128) NOT NULL COMMENT 'Name of the configuration',
    connector_id      VARCHAR(64)  NOT NULL COMMENT 'The connector',
    connector_type    VARCHAR(64)  NOT NULL COMMENT 'Its type',
    usage_type        VARCHAR(32)  NOT NULL COMMENT 'SOURCE or SINK',
    connection_config JSON         NOT NULL COMMENT 'Connection; passwords in it are encrypted',
    extra_config      JSON         NULL COMMENT 'Batch size, time-outs, ...',
    is_enabled        TINYINT      NOT NULL DEFAULT 1 COMMENT '1: may be used',
    creator           VARCHAR(64)  NULL COMMENT 'Who made it',
    create_time       DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    update_time       DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_config_id (config_id),
    KEY idx_connector_id (connector_id),
    KEY idx_config_name (config_name),
    CONSTRAINT fk_etl_connector_config_connector
        FOREIGN KEY (connector_id) REFERENCES etl_connector (connector_id),
    CONSTRAINT ck_etl_connector_config_usage CHECK (usage_type IN ('SOURCE', 'SINK')),
    CONSTRAINT ck_etl_connector_config_flags CHECK (is_enabled IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Configurations of connectors, shared by jobs';
