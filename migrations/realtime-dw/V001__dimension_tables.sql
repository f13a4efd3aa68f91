-- realtime-dw V001: dimension tables of the real-time warehouse. MySQL 8.0.16 or newer, MariaDB 10.6 or
-- newer. The event tables (wrongbook_fix, answer_submit, user_login) are Kafka topics, not tables.
--
-- Every table has the standard fields: a row number, a business key with a unique index, is_deleted,
-- status, version, created_at, updated_at; an index for each join with status and is_deleted in it, one
-- on (status, is_deleted), one on updated_at.
--
-- * Events carry ids as strings, so the business key is what is joined; id is the row number alone.
-- * Names are in snake_case; createTime and modifyTime of the event model are created_at, updated_at.
-- * DATETIME and not TIMESTAMP, which ends in 2038.
-- * A composite index that begins with a column makes one on that column alone superfluous.
-- * Rows are deleted by is_deleted, so the foreign keys never stand in the way. They are named
--   fk_<table>_<referenced table>_<column>.
-- * The collation is named and is one that both servers have; the default of MySQL
--   (utf8mb4_0900_ai_ci) is unknown to MariaDB.

CREATE TABLE tower_pattern (
    id         BIGINT        NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    pattern_id VARCHAR(64)   NOT NULL COMMENT 'Business key: knowledge point',
    name       VARCHAR(255)  NULL COMMENT 'Name of the knowledge point',
    subject    VARCHAR(64)   NULL COMMENT 'Subject',
    type       VARCHAR(64)   NULL COMMENT 'Kind of knowledge point',
    difficulty DECIMAL(5, 2) NULL COMMENT 'Coefficient of difficulty',
    is_deleted TINYINT       NOT NULL DEFAULT 0 COMMENT '1: deleted',
    status     TINYINT       NOT NULL DEFAULT 1 COMMENT '1: in use, 0: switched off',
    version    INT           NOT NULL DEFAULT 1 COMMENT 'Version of the row',
    created_at DATETIME      NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    updated_at DATETIME      NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_pattern_id (pattern_id),
    KEY idx_subject (subject, status, is_deleted),
    KEY idx_status_deleted (status, is_deleted),
    KEY idx_updated_at (updated_at),
    CONSTRAINT ck_tower_pattern_control CHECK (is_deleted IN (0, 1) AND status IN (0, 1)),
    CONSTRAINT ck_tower_pattern_difficulty CHECK (difficulty >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Knowledge points';

CREATE TABLE tower_teaching_type (
    id                 BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    teaching_type_id   VARCHAR(64)  NOT NULL COMMENT 'Business key: teaching type',
    chapter_id         VARCHAR(64)  NULL COMMENT 'Chapter',
    teaching_type_name VARCHAR(255) NULL COMMENT 'Name of the teaching type',
    is_deleted         TINYINT      NOT NULL DEFAULT 0 COMMENT '1: deleted',
    status             TINYINT      NOT NULL DEFAULT 1 COMMENT '1: in use, 0: switched off',
    version            INT          NOT NULL DEFAULT 1 COMMENT 'Version of the row',
    created_at         DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    updated_at         DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_teaching_type_id (teaching_type_id),
    KEY idx_chapter_id (chapter_id, status, is_deleted),
    KEY idx_status_deleted (status, is_deleted),
    KEY idx_updated_at (updated_at),
    CONSTRAINT ck_tower_teaching_type_control CHECK (is_deleted IN (0, 1) AND status IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Teaching types';

CREATE TABLE tower_teaching_type_pt (
    id               BIGINT      NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    teaching_type_id VARCHAR(64) NOT NULL COMMENT 'Business key, with pt_id: teaching type',
    pt_id            VARCHAR(64) NOT NULL COMMENT 'Business key, with teaching_type_id: knowledge point',
    order_num        INT         NOT NULL DEFAULT 0 COMMENT 'Place among its siblings',
    is_deleted       TINYINT     NOT NULL DEFAULT 0 COMMENT '1: deleted',
    status           TINYINT     NOT NULL DEFAULT 1 COMMENT '1: in use, 0: switched off',
    version          INT         NOT NULL DEFAULT 1 COMMENT 'Version of the row',
    created_at       DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    updated_at       DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_teaching_type_pt (teaching_type_id, pt_id),
    KEY idx_pt_id (pt_id, status, is_deleted) COMMENT 'The join of the wide table',
    KEY idx_status_deleted (status, is_deleted),
    KEY idx_updated_at (updated_at),
    CONSTRAINT fk_tower_teaching_type_pt_tower_teaching_type_teaching_type_id
        FOREIGN KEY (teaching_type_id) REFERENCES tower_teaching_type (teaching_type_id),
    CONSTRAINT fk_tower_teaching_type_pt_tower_pattern_pt_id
        FOREIGN KEY (pt_id) REFERENCES tower_pattern (pattern_id),
    CONSTRAINT ck_tower_teaching_type_pt_control CHECK (is_deleted IN (0, 1) AND status IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Which knowledge point belongs to which teaching type';

CREATE TABLE wrong_question_record (
    id          BIGINT      NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    wrong_id    VARCHAR(64) NOT NULL COMMENT 'Business key: record of a wrong answer',
    user_id     VARCHAR(64) NOT NULL COMMENT 'User',
    question_id VARCHAR(64) NOT NULL COMMENT 'Question',
    pattern_id  VARCHAR(64) NULL COMMENT 'Knowledge point',
    subject     VARCHAR(64) NULL COMMENT 'Subject',
    chapter_id  VARCHAR(64) NULL COMMENT 'Chapter',
    is_deleted  TINYINT     NOT NULL DEFAULT 0 COMMENT '1: deleted',
    status      TINYINT     NOT NULL DEFAULT 1 COMMENT '1: in use, 0: switched off',
    version     INT         NOT NULL DEFAULT 1 COMMENT 'Version of the row',
    created_at  DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the wrong answer was collected',
    updated_at  DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_wrong_id (wrong_id),
    KEY idx_user_id (user_id, status, is_deleted),
    KEY idx_question_id (question_id, status, is_deleted),
    KEY idx_pattern_id (pattern_id, status, is_deleted),
    KEY idx_chapter_id (chapter_id, status, is_deleted),
    KEY idx_status_deleted (status, is_deleted),
    KEY idx_updated_at (updated_at),
    CONSTRAINT fk_wrong_question_record_tower_pattern_pattern_id
        FOREIGN KEY (pattern_id) REFERENCES tower_pattern (pattern_id),
    CONSTRAINT ck_wrong_question_record_control CHECK (is_deleted IN (0, 1) AND status IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Questions that were answered wrongly';

CREATE TABLE user_profile (
    id         BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    user_id    VARCHAR(64)  NOT NULL COMMENT 'Business key: user',
    user_name  VARCHAR(128) NULL COMMENT 'Name',
    grade      VARCHAR(64)  NULL COMMENT 'Grade',
    school     VARCHAR(255) NULL COMMENT 'School',
    is_active  TINYINT      NOT NULL DEFAULT 1 COMMENT '1: uses the system',
    is_deleted TINYINT      NOT NULL DEFAULT 0 COMMENT '1: deleted',
    status     TINYINT      NOT NULL DEFAULT 1 COMMENT '1: in use, 0: switched off',
    version    INT          NOT NULL DEFAULT 1 COMMENT 'Version of the row',
    created_at DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the user registered',
    updated_at DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_user_id (user_id),
    KEY idx_grade (grade, status, is_deleted),
    KEY idx_status_deleted (status, is_deleted),
    KEY idx_updated_at (updated_at),
    CONSTRAINT ck_user_profile_control
        CHECK (is_deleted IN (0, 1) AND status IN (0, 1) AND is_active IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Users';
