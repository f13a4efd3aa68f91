-- realtime-dw V003: rules for the quality of dimension tables. The views of
-- R__data_quality_views.sql measure the tables and show the rules that are broken.

CREATE TABLE dq_rule (
    id                 BIGINT         NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    rule_code          VARCHAR(64)    NOT NULL COMMENT 'Business key: name of the rule',
    table_name         VARCHAR(64)    NOT NULL COMMENT 'The table it is about',
    metric             VARCHAR(32)    NOT NULL COMMENT 'Column of v_dim_quality',
    condition_operator VARCHAR(2)     NOT NULL COMMENT 'What must hold: =, <=, >=',
    threshold          DECIMAL(20, 2) NOT NULL COMMENT 'With which value',
    severity           VARCHAR(16)    NOT NULL DEFAULT 'ERROR' COMMENT 'WARNING or ERROR',
    description        VARCHAR(255)   NULL COMMENT 'What it means when it is broken',
    is_deleted         TINYINT        NOT NULL DEFAULT 0 COMMENT '1: deleted',
    status             TINYINT        NOT NULL DEFAULT 1 COMMENT '1: in force, 0: switched off',
    version            INT            NOT NULL DEFAULT 1 COMMENT 'Version of the row',
    created_at         DATETIME       NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    updated_at         DATETIME       NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_rule_code (rule_code),
    KEY idx_table_name (table_name, status, is_deleted),
    KEY idx_status_deleted (status, is_deleted),
    KEY idx_updated_at (updated_at),
    CONSTRAINT ck_dq_rule_metric CHECK (metric IN (
        'total_rows', 'deleted_rows', 'active_rows', 'null_key_rows', 'duplicate_key_rows')),
    CONSTRAINT ck_dq_rule_operator CHECK (condition_operator IN ('=', '<=', '>=')),
    CONSTRAINT ck_dq_rule_severity CHECK (severity IN ('WARNING', 'ERROR')),
    CONSTRAINT ck_dq_rule_control CHECK (is_deleted IN (0, 1) AND status IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Rules for the quality of dimension tables';

-- The keys above already refuse NULL and duplicates. The rules are for the day on which a table was
-- loaded without them, and for tables that are added to the view and have none.
INSERT INTO dq_rule (rule_code, table_name, metric, condition_operator, threshold, severity, description)
VALUES
    ('wrong_question_record.null_key', 'wrong_question_record', 'null_key_rows', '=', 0, 'ERROR',
     'Rows without a business key are never joined'),
    ('wrong_question_record.duplicate_key', 'wrong_question_record', 'duplicate_key_rows', '=', 0, 'ERROR',
     'A business key that is there twice doubles the rows of a join'),
    ('wrong_question_record.not_empty', 'wrong_question_record', 'active_rows', '>=', 1, 'WARNING',
     'An empty dimension leaves the columns of the wide table empty'),
    ('tower_pattern.null_key', 'tower_pattern', 'null_key_rows', '=', 0, 'ERROR',
     'Rows without a business key are never joined'),
    ('tower_pattern.duplicate_key', 'tower_pattern', 'duplicate_key_rows', '=', 0, 'ERROR',
     'A business key that is there twice doubles the rows of a join'),
    ('tower_pattern.not_empty', 'tower_pattern', 'active_rows', '>=', 1, 'WARNING',
     'An empty dimension leaves the columns of the wide table empty'),
    ('tower_teaching_type.null_key', 'tower_teaching_type', 'null_key_rows', '=', 0, 'ERROR',
     'Rows without a business key are never joined'),
    ('tower_teaching_type.duplicate_key', 'tower_teaching_type', 'duplicate_key_rows', '=', 0, 'ERROR',
     'A business key that is there twice doubles the rows of a join'),
    ('tower_teaching_type.not_empty', 'tower_teaching_type', 'active_rows', '>=', 1, 'WARNING',
     'An empty dimension leaves the columns of the wide table empty'),
    ('tower_teaching_type_pt.null_key', 'tower_teaching_type_pt', 'null_key_rows', '=', 0, 'ERROR',
     'Rows without a business key are never joined'),
    ('tower_teaching_type_pt.duplicate_key', 'tower_teaching_type_pt', 'duplicate_key_rows', '=', 0, 'ERROR',
     'A business key that is there twice doubles the rows of a join'),
    ('tower_teaching_type_pt.not_empty', 'tower_teaching_type_pt', 'active_rows', '>=', 1, 'WARNING',
     'An empty dimension leaves the columns of the wide table empty'),
    ('user_profile.null_key', 'user_profile', 'null_key_rows', '=', 0, 'ERROR',
     'Rows without a business key are never joined'),
    ('user_profile.duplicate_key', 'user_profile', 'duplicate_key_rows', '=', 0, 'ERROR',
     'A business key that is there twice doubles the rows of a join'),
    ('user_profile.not_empty', 'user_profile', 'active_rows', '>=', 1, 'WARNING',
     'An empty dimension leaves the columns of the wide table empty');
