-- recommend V002: what users do (partitioned by month), their profiles and sessions.

-- Monthly partitions -----------------------------------------------------------------------------
-- Makes the missing months of a table that is partitioned by RANGE (timestamptz): from `back` months
-- before the current one to `ahead` months after it. Running it again makes only what is missing.
--
-- * The months are those of UTC and the bounds are written with +00: a bound without an offset is
--   read in the zone of the session, and two sessions in two zones leave a hole of an hour.
-- * The months depend on the day of installation, because a list of fixed months is wrong for
--   everybody who installs after the last of them. Later months come from this function (called by
--   cron or an operator) or from a partition tool.
-- * There is no DEFAULT partition. With one, attaching a partition has to lock and scan it, and
--   DETACH ... CONCURRENTLY is not possible at all. A row outside all months is an error, which is
--   seen at once, and not a row that silently blocks the next month.
-- * A table of the right name that is no partition of the parent makes CREATE TABLE fail: better
--   than IF NOT EXISTS, which would skip the month without a word.
CREATE FUNCTION create_monthly_partitions(parent regclass, back integer, ahead integer)
RETURNS integer
LANGUAGE plpgsql AS $function$
DECLARE
    parent_schema name;
    parent_name   name;
    first_day     timestamp;
    partition     name;
    made          integer := 0;
BEGIN
    SELECT n.nspname, c.relname INTO STRICT parent_schema, parent_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = parent;

    FOR i IN -back .. ahead LOOP
        first_day := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i);
        partition := left(parent_name, 55) || to_char(first_day, '"_"YYYY"_"MM');
        CONTINUE WHEN EXISTS (
            SELECT FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
            WHERE h.inhparent = parent AND c.relname = partition);

        EXECUTE format('CREATE TABLE %I.%I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
                       parent_schema, partition, parent,
                       to_char(first_day, 'YYYY-MM-DD') || ' 00:00:00+00',
                       to_char(first_day + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
        made := made + 1;
    END LOOP;
    RETURN made;
END
$function$;
COMMENT ON FUNCTION create_monthly_partitions(regclass, integer, integer) IS
    'Makes the missing monthly partitions around the current month (UTC); returns their number';

-- Behaviour --------------------------------------------------------------------------------------
-- No foreign keys: behaviour is a log that outlives users and items, it is the table with by far
-- the most writes, and an expired month must go without a look at other tables.

CREATE TABLE user_behaviors (
    id          uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id     uuid         NOT NULL,
    item_id     uuid         NOT NULL,
    action      varchar(50)  NOT NULL,
    value       numeric(5, 2),
    context     jsonb        NOT NULL DEFAULT '{}',
    session_id  varchar(100),
    device_type varchar(50),
    device_os   varchar(50),
    app_version varchar(50),
    country     varchar(100),
    city        varchar(100),
    source      varchar(100),
    position    integer,
    created_at  timestamptz  NOT NULL DEFAULT now(),
    -- A primary key on a partitioned table must hold the partition column, so created_at is in it.
    CONSTRAINT pk_user_behaviors PRIMARY KEY (id, created_at),
    CONSTRAINT ck_user_behaviors_action CHECK (action IN (
        'view', 'click', 'like', 'dislike', 'buy', 'share', 'rating', 'save', 'complete', 'skip',
        'add_cart', 'remove_cart', 'search', 'comment')),
    CONSTRAINT ck_user_behaviors_device_type CHECK (
        device_type IN ('mobile', 'tablet', 'desktop', 'tv', 'other'))
) PARTITION BY RANGE (created_at);

COMMENT ON TABLE user_behaviors IS 'What users did with items, partitioned by month of created_at';
COMMENT ON COLUMN user_behaviors.id IS 'Id of the event; unique with created_at';
COMMENT ON COLUMN user_behaviors.user_id IS 'Who';
COMMENT ON COLUMN user_behaviors.item_id IS 'With which item';
COMMENT ON COLUMN user_behaviors.action IS 'What: view, click, like, buy, rating, ...';
COMMENT ON COLUMN user_behaviors.value IS 'Value of the action, e.g. the rating';
COMMENT ON COLUMN user_behaviors.context IS 'Whatever else is known about the moment';
COMMENT ON COLUMN user_behaviors.session_id IS 'Session, as in user_sessions.session_id';
COMMENT ON COLUMN user_behaviors.device_type IS 'mobile, tablet, desktop, tv or other';
COMMENT ON COLUMN user_behaviors.device_os IS 'Operating system of the device';
COMMENT ON COLUMN user_behaviors.app_version IS 'Version of the application';
COMMENT ON COLUMN user_behaviors.country IS 'Country at that moment';
COMMENT ON COLUMN user_behaviors.city IS 'City at that moment';
COMMENT ON COLUMN user_behaviors.source IS 'Page or module that showed the item';
COMMENT ON COLUMN user_behaviors.position IS 'Place of the item in the list shown';
COMMENT ON COLUMN user_behaviors.created_at IS 'When it happened; the partition key';

-- Indexes on the parent exist in every partition, also in those made later. None on user_id or
-- item_id alone: the ones below begin with these columns.
CREATE INDEX idx_user_behaviors_user_action_time
    ON user_behaviors (user_id, action, created_at DESC);
CREATE INDEX idx_user_behaviors_item_action_time
    ON user_behaviors (item_id, action, created_at DESC);
CREATE INDEX idx_user_behaviors_session_id ON user_behaviors (session_id)
    WHERE session_id IS NOT NULL;

DO $do$
BEGIN
    PERFORM create_monthly_partitions('user_behaviors', 3, 3);
END
$do$;

-- Profiles ---------------------------------------------------------------------------------------

CREATE TABLE user_profiles (
    user_id              uuid          NOT NULL,
    total_actions        bigint        NOT NULL DEFAULT 0,
    total_views          bigint        NOT NULL DEFAULT 0,
    total_clicks         bigint        NOT NULL DEFAULT 0,
    total_purchases      bigint        NOT NULL DEFAULT 0,
    preferred_types      jsonb         NOT NULL DEFAULT '{}',
    preferred_categories jsonb         NOT NULL DEFAULT '{}',
    active_hours         jsonb         NOT NULL DEFAULT '{}',
    active_days          jsonb         NOT NULL DEFAULT '{}',
    price_preference     jsonb         NOT NULL DEFAULT '{}',
    profile_vector       bytea,
    user_tags            text[]        NOT NULL DEFAULT '{}',
    user_segment         varchar(50),
    is_cold_start        boolean       NOT NULL DEFAULT true,
    cold_start_score     numeric(3, 2) NOT NULL DEFAULT 1.0,
    last_active          timestamptz,
    activity_score       numeric(5, 2) NOT NULL DEFAULT 0,
    updated_at           timestamptz   NOT NULL DEFAULT now(),
    CONSTRAINT pk_user_profiles PRIMARY KEY (user_id),
    CONSTRAINT fk_user_profiles_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_user_profiles_totals CHECK (
        least(total_actions, total_views, total_clicks, total_purchases) >= 0),
    CONSTRAINT ck_user_profiles_cold_start_score CHECK (cold_start_score BETWEEN 0 AND 1)
);

COMMENT ON TABLE user_profiles IS 'What is known about the taste of a user (made by a trigger on users)';
COMMENT ON COLUMN user_profiles.user_id IS 'The user';
COMMENT ON COLUMN user_profiles.total_actions IS 'Actions of any kind';
COMMENT ON COLUMN user_profiles.total_views IS 'Views';
COMMENT ON COLUMN user_profiles.total_clicks IS 'Clicks';
COMMENT ON COLUMN user_profiles.total_purchases IS 'Purchases';
COMMENT ON COLUMN user_profiles.preferred_types IS 'Weight of each item type, e.g. {"movie": 0.8}';
COMMENT ON COLUMN user_profiles.preferred_categories IS 'Weight of each category, e.g. {"comedy": 0.3}';
COMMENT ON COLUMN user_profiles.active_hours IS 'Weight of each hour of the day, "0" to "23"';
COMMENT ON COLUMN user_profiles.active_days IS 'Weight of each day of the week, "mon" to "sun"';
COMMENT ON COLUMN user_profiles.price_preference IS 'What the user is ready to pay';
COMMENT ON COLUMN user_profiles.profile_vector IS 'Serialised vector of the profile model';
COMMENT ON COLUMN user_profiles.user_tags IS 'Tags given by analysis';
COMMENT ON COLUMN user_profiles.user_segment IS 'Segment given by analysis';
COMMENT ON COLUMN user_profiles.is_cold_start IS 'Too little behaviour is known for a model';
COMMENT ON COLUMN user_profiles.cold_start_score IS '1: nothing is known, 0: enough is known';
COMMENT ON COLUMN user_profiles.last_active IS 'Last action';
COMMENT ON COLUMN user_profiles.activity_score IS 'How active the user is, written by a periodic job';
COMMENT ON COLUMN user_profiles.updated_at IS 'When the row last changed (trigger)';

CREATE INDEX idx_user_profiles_segment ON user_profiles (user_segment);
CREATE INDEX idx_user_profiles_last_active ON user_profiles (last_active);
CREATE INDEX idx_user_profiles_activity ON user_profiles (activity_score DESC);

CREATE TRIGGER trg_user_profiles_updated_at
    BEFORE UPDATE ON user_profiles
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE FUNCTION create_user_profile() RETURNS trigger
LANGUAGE plpgsql AS $function$
BEGIN
    INSERT INTO user_profiles (user_id) VALUES (NEW.id) ON CONFLICT (user_id) DO NOTHING;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION create_user_profile() IS 'AFTER INSERT trigger on users: makes the empty profile';

CREATE TRIGGER trg_users_create_profile
    AFTER INSERT ON users
    FOR EACH ROW EXECUTE FUNCTION create_user_profile();

-- Users who were there before this migration get theirs now.
INSERT INTO user_profiles (user_id) SELECT id FROM users ON CONFLICT (user_id) DO NOTHING;

-- Sessions ---------------------------------------------------------------------------------------

CREATE TABLE user_sessions (
    id               uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id          uuid         NOT NULL,
    session_id       varchar(100) NOT NULL,
    device_type      varchar(50),
    device_os        varchar(50),
    app_version      varchar(50),
    ip_address       inet,
    page_views       integer      NOT NULL DEFAULT 0,
    actions_count    integer      NOT NULL DEFAULT 0,
    duration_seconds integer      NOT NULL DEFAULT 0,
    started_at       timestamptz  NOT NULL DEFAULT now(),
    ended_at         timestamptz,
    last_activity_at timestamptz  NOT NULL DEFAULT now(),
    metadata         jsonb        NOT NULL DEFAULT '{}',
    CONSTRAINT pk_user_sessions PRIMARY KEY (id),
    CONSTRAINT uq_user_sessions_session_id UNIQUE (session_id),
    CONSTRAINT fk_user_sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_user_sessions_counts CHECK (
        least(page_views, actions_count, duration_seconds) >= 0),
    CONSTRAINT ck_user_sessions_times CHECK (ended_at >= started_at)
);

COMMENT ON TABLE user_sessions IS 'Visits of users';
COMMENT ON COLUMN user_sessions.id IS 'Random UUID';
COMMENT ON COLUMN user_sessions.user_id IS 'The user';
COMMENT ON COLUMN user_sessions.session_id IS 'Id given by the application';
COMMENT ON COLUMN user_sessions.device_type IS 'Kind of device';
COMMENT ON COLUMN user_sessions.device_os IS 'Operating system of the device';
COMMENT ON COLUMN user_sessions.app_version IS 'Version of the application';
COMMENT ON COLUMN user_sessions.ip_address IS 'Address of the client';
COMMENT ON COLUMN user_sessions.page_views IS 'Pages seen';
COMMENT ON COLUMN user_sessions.actions_count IS 'Actions done';
COMMENT ON COLUMN user_sessions.duration_seconds IS 'Length of the session';
COMMENT ON COLUMN user_sessions.started_at IS 'First action';
COMMENT ON COLUMN user_sessions.ended_at IS 'End; NULL while it lasts';
COMMENT ON COLUMN user_sessions.last_activity_at IS 'Last action';
COMMENT ON COLUMN user_sessions.metadata IS 'Whatever else is known about the session';

CREATE INDEX idx_user_sessions_user_id ON user_sessions (user_id);
CREATE INDEX idx_user_sessions_started_at ON user_sessions (started_at);
CREATE INDEX idx_user_sessions_open ON user_sessions (last_activity_at) WHERE ended_at IS NULL;
