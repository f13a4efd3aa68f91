-- recommend V001: users, items and their statistics.
-- The column set is that of recommend-system/devops/database in xcosmosbox/IMDB_Word2Vec.
-- Every time is timestamptz, every constraint has a name, every id comes from gen_random_uuid(),
-- which is part of PostgreSQL since 13 (the extension uuid-ossp is not needed for it).

-- pg_trgm finds names and titles by a part of them ('%daw%', typing errors). It is a trusted
-- extension: the owner of the database may install it, no superuser is needed.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE FUNCTION set_updated_at() RETURNS trigger
LANGUAGE plpgsql AS $function$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$function$;
COMMENT ON FUNCTION set_updated_at() IS 'BEFORE UPDATE trigger: keeps updated_at true';

-- Users ------------------------------------------------------------------------------------------

CREATE TABLE users (
    id            uuid         NOT NULL DEFAULT gen_random_uuid(),
    name          varchar(100) NOT NULL,
    email         varchar(255) NOT NULL,
    password_hash varchar(255) NOT NULL,
    age           smallint,
    gender        varchar(20),
    country       varchar(100),
    city          varchar(100),
    metadata      jsonb        NOT NULL DEFAULT '{}',
    status        varchar(20)  NOT NULL DEFAULT 'active',
    created_at    timestamptz  NOT NULL DEFAULT now(),
    updated_at    timestamptz  NOT NULL DEFAULT now(),
    last_login_at timestamptz,
    version       integer      NOT NULL DEFAULT 1,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email UNIQUE (email),
    CONSTRAINT ck_users_age CHECK (age BETWEEN 0 AND 150),
    CONSTRAINT ck_users_gender CHECK (gender IN ('male', 'female', 'other', 'unknown')),
    CONSTRAINT ck_users_status CHECK (status IN ('active', 'inactive', 'banned', 'deleted')),
    CONSTRAINT ck_users_metadata CHECK (jsonb_typeof(metadata) = 'object')
);

COMMENT ON TABLE users IS 'People the system recommends to';
COMMENT ON COLUMN users.id IS 'Random UUID, the key everywhere else';
COMMENT ON COLUMN users.name IS 'Name shown to others';
COMMENT ON COLUMN users.email IS 'Login name';
COMMENT ON COLUMN users.password_hash IS 'Password hash with its salt and parameters, never the password';
COMMENT ON COLUMN users.age IS 'Age in years, if told';
COMMENT ON COLUMN users.gender IS 'male, female, other or unknown';
COMMENT ON COLUMN users.country IS 'Country of residence';
COMMENT ON COLUMN users.city IS 'City of residence';
COMMENT ON COLUMN users.metadata IS 'Further facts, e.g. {"interests": ["movie"], "preferences": {"language": "zh"}}';
COMMENT ON COLUMN users.status IS 'active, inactive, banned or deleted (soft delete)';
COMMENT ON COLUMN users.created_at IS 'When the row was made';
COMMENT ON COLUMN users.updated_at IS 'When the row last changed (trigger)';
COMMENT ON COLUMN users.last_login_at IS 'Last successful login';
COMMENT ON COLUMN users.version IS 'Optimistic lock: a writer compares and increments it';

-- The unique constraint on email is an index already; a second one would only slow writes.
CREATE INDEX idx_users_status ON users (status) WHERE status <> 'deleted';
CREATE INDEX idx_users_created_at ON users (created_at);
CREATE INDEX idx_users_last_login_at ON users (last_login_at);
CREATE INDEX idx_users_name_trgm ON users USING gin (name gin_trgm_ops);

CREATE TRIGGER trg_users_updated_at
    BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- Items ------------------------------------------------------------------------------------------

CREATE TABLE items (
    id           uuid         NOT NULL DEFAULT gen_random_uuid(),
    external_id  varchar(255),
    type         varchar(50)  NOT NULL,
    title        varchar(500) NOT NULL,
    description  text,
    category     varchar(100),
    subcategory  varchar(100),
    tags         text[]       NOT NULL DEFAULT '{}',
    semantic_id  integer[]    NOT NULL DEFAULT '{}',
    metadata     jsonb        NOT NULL DEFAULT '{}',
    status       varchar(20)  NOT NULL DEFAULT 'active',
    published_at timestamptz,
    created_at   timestamptz  NOT NULL DEFAULT now(),
    updated_at   timestamptz  NOT NULL DEFAULT now(),
    version      integer      NOT NULL DEFAULT 1,
    CONSTRAINT pk_items PRIMARY KEY (id),
    CONSTRAINT ck_items_type
        CHECK (type IN ('movie', 'product', 'article', 'video', 'music', 'podcast')),
    CONSTRAINT ck_items_status CHECK (status IN ('active', 'inactive', 'deleted', 'pending')),
    CONSTRAINT ck_items_semantic_id CHECK (cardinality(semantic_id) <= 3),
    CONSTRAINT ck_items_metadata CHECK (jsonb_typeof(metadata) = 'object')
);

COMMENT ON TABLE items IS 'Everything that can be recommended';
COMMENT ON COLUMN items.id IS 'Random UUID, the key everywhere else';
COMMENT ON COLUMN items.external_id IS 'Id in the system the item came from';
COMMENT ON COLUMN items.type IS 'movie, product, article, video, music or podcast';
COMMENT ON COLUMN items.title IS 'Title shown to users';
COMMENT ON COLUMN items.description IS 'Long text';
COMMENT ON COLUMN items.category IS 'First level of the catalogue';
COMMENT ON COLUMN items.subcategory IS 'Second level of the catalogue';
COMMENT ON COLUMN items.tags IS 'Free tags';
COMMENT ON COLUMN items.semantic_id IS 'RQ-VAE codes, coarse to fine: category, attributes, instance';
COMMENT ON COLUMN items.metadata IS 'Facts of this type, e.g. {"duration": 120, "director": "..."}';
COMMENT ON COLUMN items.status IS 'active, inactive, deleted (soft delete) or pending';
COMMENT ON COLUMN items.published_at IS 'When the item became public';
COMMENT ON COLUMN items.created_at IS 'When the row was made';
COMMENT ON COLUMN items.updated_at IS 'When the row last changed (trigger)';
COMMENT ON COLUMN items.version IS 'Optimistic lock: a writer compares and increments it';

CREATE UNIQUE INDEX uq_items_type_external_id ON items (type, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX idx_items_external_id ON items (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX idx_items_type ON items (type);
CREATE INDEX idx_items_category ON items (category, subcategory);
CREATE INDEX idx_items_subcategory ON items (subcategory);
CREATE INDEX idx_items_status ON items (status) WHERE status <> 'deleted';
CREATE INDEX idx_items_created_at ON items (created_at);
CREATE INDEX idx_items_published_at ON items (published_at);
CREATE INDEX idx_items_title_trgm ON items USING gin (title gin_trgm_ops);

CREATE TRIGGER trg_items_updated_at
    BEFORE UPDATE ON items
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- Statistics of an item --------------------------------------------------------------------------
-- A table of its own: counters change all the time, the items they belong to hardly ever, and an
-- update of a wide, heavily indexed row would be the most expensive way to add one.

CREATE TABLE item_stats (
    item_id            uuid           NOT NULL,
    view_count         bigint         NOT NULL DEFAULT 0,
    click_count        bigint         NOT NULL DEFAULT 0,
    like_count         bigint         NOT NULL DEFAULT 0,
    dislike_count      bigint         NOT NULL DEFAULT 0,
    share_count        bigint         NOT NULL DEFAULT 0,
    save_count         bigint         NOT NULL DEFAULT 0,
    purchase_count     bigint         NOT NULL DEFAULT 0,
    avg_rating         numeric(3, 2)  NOT NULL DEFAULT 0,
    rating_count       bigint         NOT NULL DEFAULT 0,
    total_duration     bigint         NOT NULL DEFAULT 0,
    avg_duration       numeric(10, 2) NOT NULL DEFAULT 0,
    ctr                numeric(7, 4)  NOT NULL GENERATED ALWAYS AS
        (CASE WHEN view_count > 0
              THEN least(click_count::numeric / view_count, 999) ELSE 0 END) STORED,
    cvr                numeric(7, 4)  NOT NULL GENERATED ALWAYS AS
        (CASE WHEN click_count > 0
              THEN least(purchase_count::numeric / click_count, 999) ELSE 0 END) STORED,
    popularity_score   numeric(10, 4) NOT NULL DEFAULT 0,
    last_7_days_views  bigint         NOT NULL DEFAULT 0,
    last_30_days_views bigint         NOT NULL DEFAULT 0,
    updated_at         timestamptz    NOT NULL DEFAULT now(),
    CONSTRAINT pk_item_stats PRIMARY KEY (item_id),
    CONSTRAINT fk_item_stats_item FOREIGN KEY (item_id) REFERENCES items (id) ON DELETE CASCADE,
    CONSTRAINT ck_item_stats_counts CHECK (
        least(view_count, click_count, like_count, dislike_count, share_count, save_count,
              purchase_count, rating_count, total_duration, last_7_days_views,
              last_30_days_views) >= 0),
    CONSTRAINT ck_item_stats_avg_rating CHECK (avg_rating BETWEEN 0 AND 5),
    CONSTRAINT ck_item_stats_avg_duration CHECK (avg_duration >= 0)
);

COMMENT ON TABLE item_stats IS 'Counters of an item, one row each (made by a trigger on items)';
COMMENT ON COLUMN item_stats.item_id IS 'The item';
COMMENT ON COLUMN item_stats.view_count IS 'Times shown and looked at';
COMMENT ON COLUMN item_stats.click_count IS 'Times clicked';
COMMENT ON COLUMN item_stats.like_count IS 'Likes';
COMMENT ON COLUMN item_stats.dislike_count IS 'Dislikes';
COMMENT ON COLUMN item_stats.share_count IS 'Times shared';
COMMENT ON COLUMN item_stats.save_count IS 'Times saved for later';
COMMENT ON COLUMN item_stats.purchase_count IS 'Purchases';
COMMENT ON COLUMN item_stats.avg_rating IS 'Mean rating, 0 to 5';
COMMENT ON COLUMN item_stats.rating_count IS 'Number of ratings behind avg_rating';
COMMENT ON COLUMN item_stats.total_duration IS 'Seconds of use, all users';
COMMENT ON COLUMN item_stats.avg_duration IS 'Mean seconds of one use';
COMMENT ON COLUMN item_stats.ctr IS 'Click-through rate: clicks per view (computed)';
COMMENT ON COLUMN item_stats.cvr IS 'Conversion rate: purchases per click (computed)';
COMMENT ON COLUMN item_stats.popularity_score IS 'Popularity, written by a periodic job';
COMMENT ON COLUMN item_stats.last_7_days_views IS 'Views of the last 7 days, written by a periodic job';
COMMENT ON COLUMN item_stats.last_30_days_views IS 'Views of the last 30 days, written by a periodic job';
COMMENT ON COLUMN item_stats.updated_at IS 'When the row last changed (trigger)';

CREATE INDEX idx_item_stats_avg_rating ON item_stats (avg_rating DESC);
CREATE INDEX idx_item_stats_view_count ON item_stats (view_count DESC);

CREATE TRIGGER trg_item_stats_updated_at
    BEFORE UPDATE ON item_stats
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- Each new item gets its counters at once, so that writers only ever update.
CREATE FUNCTION create_item_stats() RETURNS trigger
LANGUAGE plpgsql AS $function$
BEGIN
    INSERT INTO item_stats (item_id) VALUES (NEW.id) ON CONFLICT (item_id) DO NOTHING;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION create_item_stats() IS 'AFTER INSERT trigger on items: makes the row of counters';

CREATE TRIGGER trg_items_create_stats
    AFTER INSERT ON items
    FOR EACH ROW EXECUTE FUNCTION create_item_stats();
