-- recommend V003: recommendation records (partitioned by month) and A/B tests.

-- Requests ---------------------------------------------------------------------------------------

CREATE TABLE recommendation_requests (
    id               uuid         NOT NULL DEFAULT gen_random_uuid(),
    request_id       varchar(100) NOT NULL,
    trace_id         varchar(100),
    user_id          uuid,
    session_id       varchar(100),
    scene            varchar(100) NOT NULL,
    page_size        integer      NOT NULL DEFAULT 10,
    page_num         integer      NOT NULL DEFAULT 1,
    request_params   jsonb        NOT NULL DEFAULT '{}',
    device_type      varchar(50),
    platform         varchar(50),
    country          varchar(100),
    city             varchar(100),
    latency_ms       integer,
    model_latency_ms integer,
    model_version    varchar(100),
    experiment_id    varchar(100),
    experiment_group varchar(50),
    status           varchar(20)  NOT NULL DEFAULT 'success',
    error_message    text,
    created_at       timestamptz  NOT NULL DEFAULT now(),
    -- A primary key and a unique constraint on a partitioned table must hold the partition column,
    -- so neither id nor request_id can be unique alone. request_id is unique for one instant; that
    -- it is unique at all is the promise of the service, which makes it from a UUID.
    CONSTRAINT pk_recommendation_requests PRIMARY KEY (id, created_at),
    CONSTRAINT uq_recommendation_requests_request_id UNIQUE (request_id, created_at),
    CONSTRAINT fk_recommendation_requests_user
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT ck_recommendation_requests_status
        CHECK (status IN ('success', 'partial', 'failed', 'timeout')),
    CONSTRAINT ck_recommendation_requests_page CHECK (page_size > 0 AND page_num > 0),
    CONSTRAINT ck_recommendation_requests_latency CHECK (latency_ms >= 0 AND model_latency_ms >= 0)
) PARTITION BY RANGE (created_at);

COMMENT ON TABLE recommendation_requests IS 'Requests for recommendations, partitioned by month of created_at';
COMMENT ON COLUMN recommendation_requests.id IS 'Random UUID; unique with created_at';
COMMENT ON COLUMN recommendation_requests.request_id IS 'Id given by the service';
COMMENT ON COLUMN recommendation_requests.trace_id IS 'Trace across services';
COMMENT ON COLUMN recommendation_requests.user_id IS 'Who asked; NULL when unknown or deleted';
COMMENT ON COLUMN recommendation_requests.session_id IS 'Session, as in user_sessions.session_id';
COMMENT ON COLUMN recommendation_requests.scene IS 'Where: homepage, detail_page, search, ...';
COMMENT ON COLUMN recommendation_requests.page_size IS 'Items asked for';
COMMENT ON COLUMN recommendation_requests.page_num IS 'Page, from 1';
COMMENT ON COLUMN recommendation_requests.request_params IS 'Further parameters of the request';
COMMENT ON COLUMN recommendation_requests.device_type IS 'Kind of device';
COMMENT ON COLUMN recommendation_requests.platform IS 'Platform of the client';
COMMENT ON COLUMN recommendation_requests.country IS 'Country at that moment';
COMMENT ON COLUMN recommendation_requests.city IS 'City at that moment';
COMMENT ON COLUMN recommendation_requests.latency_ms IS 'Time of the whole request';
COMMENT ON COLUMN recommendation_requests.model_latency_ms IS 'Time within the model';
COMMENT ON COLUMN recommendation_requests.model_version IS 'Model that answered';
COMMENT ON COLUMN recommendation_requests.experiment_id IS 'A/B test, as in experiments.experiment_id';
COMMENT ON COLUMN recommendation_requests.experiment_group IS 'Group of the A/B test';
COMMENT ON COLUMN recommendation_requests.status IS 'success, partial, failed or timeout';
COMMENT ON COLUMN recommendation_requests.error_message IS 'What went wrong';
COMMENT ON COLUMN recommendation_requests.created_at IS 'When it was asked; the partition key';

-- experiment_id, scene and created_at are indexed in V004, in the combinations that are asked for.
CREATE INDEX idx_recommendation_requests_user_id ON recommendation_requests (user_id);
CREATE INDEX idx_recommendation_requests_status ON recommendation_requests (status);
CREATE INDEX idx_recommendation_requests_latency ON recommendation_requests (latency_ms);

-- Results ----------------------------------------------------------------------------------------
-- No foreign key to the request: request_id alone is not unique there (see above), and a month of
-- results must go without a look at the requests.

CREATE TABLE recommendation_results (
    id            uuid         NOT NULL DEFAULT gen_random_uuid(),
    request_id    varchar(100) NOT NULL,
    item_id       uuid         NOT NULL,
    position      integer      NOT NULL,
    score         numeric(10, 6),
    recall_source varchar(100),
    reason        jsonb        NOT NULL DEFAULT '{}',
    created_at    timestamptz  NOT NULL DEFAULT now(),
    -- with the partition column, as above
    CONSTRAINT pk_recommendation_results PRIMARY KEY (id, created_at),
    CONSTRAINT ck_recommendation_results_position CHECK (position >= 0)
) PARTITION BY RANGE (created_at);

COMMENT ON TABLE recommendation_results IS 'Items of each answer, partitioned by month of created_at';
COMMENT ON COLUMN recommendation_results.id IS 'Random UUID; unique with created_at';
COMMENT ON COLUMN recommendation_results.request_id IS 'The request, as in recommendation_requests.request_id';
COMMENT ON COLUMN recommendation_results.item_id IS 'The item';
COMMENT ON COLUMN recommendation_results.position IS 'Place in the answer';
COMMENT ON COLUMN recommendation_results.score IS 'Score given by the model';
COMMENT ON COLUMN recommendation_results.recall_source IS 'How it was found: semantic_id, collaborative, content, popular, ...';
COMMENT ON COLUMN recommendation_results.reason IS 'Why it was recommended, for an explanation';
COMMENT ON COLUMN recommendation_results.created_at IS 'When it was answered; the partition key';

CREATE INDEX idx_recommendation_results_request_id ON recommendation_results (request_id);
CREATE INDEX idx_recommendation_results_item_id ON recommendation_results (item_id);
CREATE INDEX idx_recommendation_results_recall_source ON recommendation_results (recall_source);

DO $do$
BEGIN
    PERFORM create_monthly_partitions('recommendation_requests', 3, 3);
    PERFORM create_monthly_partitions('recommendation_results', 3, 3);
END
$do$;

-- A/B tests --------------------------------------------------------------------------------------

CREATE TABLE experiments (
    id                 uuid          NOT NULL DEFAULT gen_random_uuid(),
    experiment_id      varchar(100)  NOT NULL,
    name               varchar(255)  NOT NULL,
    description        text,
    config             jsonb         NOT NULL DEFAULT '{}',
    traffic_percentage numeric(5, 2) NOT NULL DEFAULT 0,
    groups             jsonb         NOT NULL DEFAULT '[]',
    primary_metric     varchar(100),
    secondary_metrics  text[]        NOT NULL DEFAULT '{}',
    status             varchar(20)   NOT NULL DEFAULT 'draft',
    start_time         timestamptz,
    end_time           timestamptz,
    created_by         varchar(255),
    created_at         timestamptz   NOT NULL DEFAULT now(),
    updated_at         timestamptz   NOT NULL DEFAULT now(),
    CONSTRAINT pk_experiments PRIMARY KEY (id),
    CONSTRAINT uq_experiments_experiment_id UNIQUE (experiment_id),
    CONSTRAINT ck_experiments_traffic CHECK (traffic_percentage BETWEEN 0 AND 100),
    CONSTRAINT ck_experiments_groups CHECK (jsonb_typeof(groups) = 'array'),
    CONSTRAINT ck_experiments_status
        CHECK (status IN ('draft', 'running', 'paused', 'completed', 'archived')),
    CONSTRAINT ck_experiments_times CHECK (end_time > start_time)
);

COMMENT ON TABLE experiments IS 'A/B tests';
COMMENT ON COLUMN experiments.id IS 'Random UUID';
COMMENT ON COLUMN experiments.experiment_id IS 'Short name that other tables use';
COMMENT ON COLUMN experiments.name IS 'Title';
COMMENT ON COLUMN experiments.description IS 'What is tested and why';
COMMENT ON COLUMN experiments.config IS 'Parameters of the test';
COMMENT ON COLUMN experiments.traffic_percentage IS 'Share of all traffic that takes part, 0 to 100';
COMMENT ON COLUMN experiments.groups IS 'Groups, e.g. [{"name": "control", "percentage": 50}, ...]';
COMMENT ON COLUMN experiments.primary_metric IS 'The metric that decides';
COMMENT ON COLUMN experiments.secondary_metrics IS 'Metrics that are watched too';
COMMENT ON COLUMN experiments.status IS 'draft, running, paused, completed or archived';
COMMENT ON COLUMN experiments.start_time IS 'Begin';
COMMENT ON COLUMN experiments.end_time IS 'End';
COMMENT ON COLUMN experiments.created_by IS 'Who made it';
COMMENT ON COLUMN experiments.created_at IS 'When the row was made';
COMMENT ON COLUMN experiments.updated_at IS 'When the row last changed (trigger)';

CREATE INDEX idx_experiments_status ON experiments (status);
CREATE INDEX idx_experiments_start_time ON experiments (start_time);
CREATE INDEX idx_experiments_end_time ON experiments (end_time);

CREATE TRIGGER trg_experiments_updated_at
    BEFORE UPDATE ON experiments
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE TABLE experiment_metrics (
    id               uuid           NOT NULL DEFAULT gen_random_uuid(),
    experiment_id    varchar(100)   NOT NULL,
    experiment_group varchar(50)    NOT NULL,
    metric_hour      timestamptz    NOT NULL,
    sample_count     bigint         NOT NULL DEFAULT 0,
    user_count       bigint         NOT NULL DEFAULT 0,
    impressions      bigint         NOT NULL DEFAULT 0,
    clicks           bigint         NOT NULL DEFAULT 0,
    conversions      bigint         NOT NULL DEFAULT 0,
    ctr              numeric(10, 6) NOT NULL DEFAULT 0,
    cvr              numeric(10, 6) NOT NULL DEFAULT 0,
    total_revenue    numeric(15, 2) NOT NULL DEFAULT 0,
    avg_watch_time   numeric(10, 2) NOT NULL DEFAULT 0,
    custom_metrics   jsonb          NOT NULL DEFAULT '{}',
    updated_at       timestamptz    NOT NULL DEFAULT now(),
    CONSTRAINT pk_experiment_metrics PRIMARY KEY (id),
    -- This key also serves the look-ups by experiment_id and by (experiment_id, group).
    CONSTRAINT uq_experiment_metrics_hour UNIQUE (experiment_id, experiment_group, metric_hour),
    CONSTRAINT fk_experiment_metrics_experiment FOREIGN KEY (experiment_id)
        REFERENCES experiments (experiment_id) ON DELETE CASCADE,
    CONSTRAINT ck_experiment_metrics_counts CHECK (
        least(sample_count, user_count, impressions, clicks, conversions) >= 0)
);

COMMENT ON TABLE experiment_metrics IS 'Results of A/B tests, by group and hour';
COMMENT ON COLUMN experiment_metrics.id IS 'Random UUID';
COMMENT ON COLUMN experiment_metrics.experiment_id IS 'The A/B test';
COMMENT ON COLUMN experiment_metrics.experiment_group IS 'Its group';
COMMENT ON COLUMN experiment_metrics.metric_hour IS 'Begin of the hour';
COMMENT ON COLUMN experiment_metrics.sample_count IS 'Requests';
COMMENT ON COLUMN experiment_metrics.user_count IS 'Distinct users';
COMMENT ON COLUMN experiment_metrics.impressions IS 'Items shown';
COMMENT ON COLUMN experiment_metrics.clicks IS 'Items clicked';
COMMENT ON COLUMN experiment_metrics.conversions IS 'Items bought or finished';
COMMENT ON COLUMN experiment_metrics.ctr IS 'Clicks per impression';
COMMENT ON COLUMN experiment_metrics.cvr IS 'Conversions per click';
COMMENT ON COLUMN experiment_metrics.total_revenue IS 'Revenue';
COMMENT ON COLUMN experiment_metrics.avg_watch_time IS 'Mean seconds of use';
COMMENT ON COLUMN experiment_metrics.custom_metrics IS 'Metrics of this test alone';
COMMENT ON COLUMN experiment_metrics.updated_at IS 'When the row last changed (trigger)';

CREATE INDEX idx_experiment_metrics_hour ON experiment_metrics (metric_hour);

CREATE TRIGGER trg_experiment_metrics_updated_at
    BEFORE UPDATE ON experiment_metrics
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE TABLE user_experiment_assignments (
    id             uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id        uuid         NOT NULL,
    experiment_id  varchar(100) NOT NULL,
    assigned_group varchar(50)  NOT NULL,
    assigned_at    timestamptz  NOT NULL DEFAULT now(),
    CONSTRAINT pk_user_experiment_assignments PRIMARY KEY (id),
    -- A user is in one group of a test, for good. The key also serves the look-ups by user.
    CONSTRAINT uq_user_experiment_assignments_user UNIQUE (user_id, experiment_id),
    CONSTRAINT fk_user_experiment_assignments_user
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_user_experiment_assignments_experiment FOREIGN KEY (experiment_id)
        REFERENCES experiments (experiment_id) ON DELETE CASCADE
);

COMMENT ON TABLE user_experiment_assignments IS 'Which user is in which group of which A/B test';
COMMENT ON COLUMN user_experiment_assignments.id IS 'Random UUID';
COMMENT ON COLUMN user_experiment_assignments.user_id IS 'The user';
COMMENT ON COLUMN user_experiment_assignments.experiment_id IS 'The A/B test';
COMMENT ON COLUMN user_experiment_assignments.assigned_group IS 'Its group';
COMMENT ON COLUMN user_experiment_assignments.assigned_at IS 'When the group was drawn';

CREATE INDEX idx_user_experiment_assignments_experiment
    ON user_experiment_assignments (experiment_id);
