-- realtime-dw V002: what the jobs write. Wide and summary tables have the standard fields too. They have
-- no foreign keys: streams write late, out of order and again, and a row must never wait for another.

-- One row for each correction: fix_id is unique in the event, so writing the same event again updates
-- its row (INSERT ... ON DUPLICATE KEY UPDATE, the upsert of the JDBC sink).
CREATE TABLE dwd_wrong_record_wide_delta (
    id                 BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    wrong_id           VARCHAR(64)  NOT NULL COMMENT 'Record of the wrong answer',
    user_id            VARCHAR(64)  NOT NULL COMMENT 'User',
    subject            VARCHAR(64)  NULL COMMENT 'Subject',
    subject_name       VARCHAR(128) NULL COMMENT 'Name of the subject',
    question_id        VARCHAR(64)  NULL COMMENT 'Question',
    pattern_id         VARCHAR(64)  NULL COMMENT 'Knowledge point',
    pattern_name       VARCHAR(255) NULL COMMENT 'Its name, from tower_pattern',
    teaching_type_id   VARCHAR(64)  NULL COMMENT 'Teaching type, from tower_teaching_type_pt',
    teaching_type_name VARCHAR(255) NULL COMMENT 'Its name, from tower_teaching_type',
    collect_time       DATETIME(3)  NULL COMMENT 'When the wrong answer was collected',
    fix_id             VARCHAR(64)  NOT NULL COMMENT 'Business key: correction',
    fix_time           DATETIME(3)  NULL COMMENT 'When it was corrected',
    fix_result         TINYINT      NULL COMMENT '1: corrected, 0: still wrong',
    fix_result_desc    VARCHAR(64)  NULL COMMENT 'The same in words',
    is_deleted         TINYINT      NOT NULL DEFAULT 0 COMMENT '1: deleted',
    status             TINYINT      NOT NULL DEFAULT 1 COMMENT '1: in use, 0: switched off',
    version            INT          NOT NULL DEFAULT 1 COMMENT 'Version of the row',
    created_at         DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    updated_at         DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_fix_id (fix_id),
    KEY idx_wrong_id (wrong_id),
    KEY idx_user_time (user_id, fix_time),
    KEY idx_question_id (question_id),
    KEY idx_pattern_id (pattern_id),
    KEY idx_status_deleted (status, is_deleted),
    KEY idx_updated_at (updated_at),
    CONSTRAINT ck_dwd_wrong_record_wide_delta_control
        CHECK (is_deleted IN (0, 1) AND status IN (0, 1)),
    CONSTRAINT ck_dwd_wrong_record_wide_delta_fix_result CHECK (fix_result IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Wrong answers and their corrections, one row for each correction';

CREATE TABLE dws_user_daily_stats (
    id                BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    user_id           VARCHAR(64)  NOT NULL COMMENT 'Business key, with stat_date: user',
    user_name         VARCHAR(128) NULL COMMENT 'Name, from user_profile',
    grade             VARCHAR(64)  NULL COMMENT 'Grade, from user_profile',
    stat_date         DATE         NOT NULL COMMENT 'Business key, with user_id: eventDate',
    login_count       INT          NOT NULL DEFAULT 0 COMMENT 'Number of user_login',
    answer_count      INT          NOT NULL DEFAULT 0 COMMENT 'Number of answer_submit',
    correct_count     INT          NOT NULL DEFAULT 0 COMMENT 'Number of answer_submit with isCorrect = 1',
    -- Computed by the server, so it can never disagree with the two counts, and no answers at all are
    -- no division by zero. Writers leave it out of their column list.
    correct_rate      DECIMAL(5, 4) GENERATED ALWAYS AS
        (CASE WHEN answer_count > 0 THEN correct_count / answer_count ELSE 0 END) STORED
        COMMENT 'correct_count / answer_count (computed)',
    total_answer_time BIGINT       NOT NULL DEFAULT 0 COMMENT 'Sum of answerTime of answer_submit, seconds',
    fix_count         INT          NOT NULL DEFAULT 0 COMMENT 'Number of wrongbook_fix',
    is_deleted        TINYINT      NOT NULL DEFAULT 0 COMMENT '1: deleted',
    status            TINYINT      NOT NULL DEFAULT 1 COMMENT '1: in use, 0: switched off',
    version           INT          NOT NULL DEFAULT 1 COMMENT 'Version of the row',
    created_at        DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    updated_at        DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_user_date (user_id, stat_date),
    KEY idx_stat_date (stat_date, grade),
    KEY idx_status_deleted (status, is_deleted),
    KEY idx_updated_at (updated_at),
    CONSTRAINT ck_dws_user_daily_stats_control CHECK (is_deleted IN (0, 1) AND status IN (0, 1)),
    CONSTRAINT ck_dws_user_daily_stats_counts CHECK (
        login_count >= 0 AND answer_count >= 0 AND fix_count >= 0 AND total_answer_time >= 0),
    CONSTRAINT ck_dws_user_daily_stats_correct CHECK (correct_count BETWEEN 0 AND answer_count)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'What each user did each day';
