-- flink-diagnosis V002: cases of the knowledge base. Their vectors are in the Milvus collection
-- flink_cases, under the same case_id.

CREATE TABLE knowledge_cases (
    id                  BIGINT      NOT NULL AUTO_INCREMENT COMMENT 'Number of the case',
    case_id             VARCHAR(32) NOT NULL COMMENT 'Id of the case, also in Milvus',
    error_type          VARCHAR(64) NOT NULL COMMENT 'Class, as in flink_job_exceptions',
    error_pattern       TEXT        NULL COMMENT 'Pattern of the error, without what is particular to one job',
    root_cause          TEXT        NOT NULL COMMENT 'Why it happens',
    solution            TEXT        NOT NULL COMMENT 'What helps',
    source_exception_id BIGINT      NULL COMMENT 'The exception it was learnt from; NULL when that has expired',
    source_type         ENUM('manual', 'auto') NOT NULL DEFAULT 'manual'
        COMMENT 'manual: written by a person; auto: kept from a diagnosis with a confidence of 0.8 or more',
    verified            BOOLEAN     NOT NULL DEFAULT FALSE COMMENT 'A person has checked it',
    created_at          DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    updated_at          DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_case_id (case_id),
    KEY idx_error_type (error_type),
    KEY idx_source_type (source_type),
    KEY idx_verified (verified),
    -- The server would make this index by itself for the foreign key, under a name of its choice.
    KEY idx_source_exception_id (source_exception_id),
    -- Cases are kept for ever, exceptions for 90 days: the case outlives its source.
    CONSTRAINT fk_knowledge_cases_source_exception FOREIGN KEY (source_exception_id)
        REFERENCES flink_job_exceptions (id) ON DELETE SET NULL,
    CONSTRAINT ck_knowledge_cases_verified CHECK (verified IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Cases of the knowledge base';
