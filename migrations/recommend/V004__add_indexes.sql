-- recommend V004: indexes for the frequent questions, materialised views, functions that use them.
--
-- Plain CREATE INDEX on purpose: CONCURRENTLY is refused on a partitioned table and inside a
-- transaction, and in a new installation these tables are empty. Where they are already large,
-- make each index by hand first (ON ONLY the parent, CONCURRENTLY on every partition, then ALTER
-- INDEX ... ATTACH PARTITION) in a migration of your own before this one.

-- Combined indexes -------------------------------------------------------------------------------

CREATE INDEX idx_user_behaviors_user_item_action ON user_behaviors (user_id, item_id, action);
CREATE INDEX idx_user_behaviors_user_time ON user_behaviors (user_id, created_at DESC, action);
CREATE INDEX idx_item_stats_popularity
    ON item_stats (popularity_score DESC, avg_rating DESC, view_count DESC);
CREATE INDEX idx_recommendation_requests_scene_time
    ON recommendation_requests (scene, created_at DESC);

-- Partial indexes --------------------------------------------------------------------------------
-- A predicate must be immutable, so "of the last 30 days" (now()) cannot stand in one: the index on
-- active users holds all of them, newest login first, and the query names the 30 days.

CREATE INDEX idx_recommendation_requests_experiment_time
    ON recommendation_requests (experiment_id, experiment_group, created_at DESC)
    WHERE experiment_id IS NOT NULL;
CREATE INDEX idx_users_active ON users (last_login_at DESC) WHERE status = 'active';
CREATE INDEX idx_items_active_published ON items (published_at DESC)
    WHERE status = 'active' AND published_at IS NOT NULL;
CREATE INDEX idx_item_stats_high_rating ON item_stats (avg_rating DESC, rating_count DESC)
    WHERE avg_rating >= 4.0 AND rating_count >= 10;
CREATE INDEX idx_item_stats_popular ON item_stats (last_7_days_views DESC)
    WHERE last_7_days_views > 0;
CREATE INDEX idx_user_profiles_cold_start ON user_profiles (user_id) WHERE is_cold_start;
CREATE INDEX idx_experiments_running ON experiments (start_time, end_time)
    WHERE status = 'running';

-- BRIN: a thousandth of the size of a B-tree, made for logs that only grow at the end -------------

CREATE INDEX idx_user_behaviors_created_brin ON user_behaviors
    USING brin (created_at) WITH (pages_per_range = 128);
CREATE INDEX idx_recommendation_requests_created_brin ON recommendation_requests
    USING brin (created_at) WITH (pages_per_range = 128);
CREATE INDEX idx_recommendation_results_created_brin ON recommendation_results
    USING brin (created_at) WITH (pages_per_range = 128);

-- GIN: what is inside of arrays and JSON ---------------------------------------------------------
-- jsonb_path_ops is half the size of the default and answers @>, the one operator used here.

CREATE INDEX idx_users_metadata ON users USING gin (metadata jsonb_path_ops);
CREATE INDEX idx_items_metadata ON items USING gin (metadata jsonb_path_ops);
CREATE INDEX idx_items_tags ON items USING gin (tags);
CREATE INDEX idx_items_semantic_id ON items USING gin (semantic_id);
CREATE INDEX idx_user_profiles_tags ON user_profiles USING gin (user_tags);
CREATE INDEX idx_user_behaviors_context ON user_behaviors USING gin (context jsonb_path_ops);

-- Materialised views -----------------------------------------------------------------------------
-- The days are those of UTC: DATE(created_at) would depend on who refreshes the view. Each view has
-- a unique index, without which REFRESH ... CONCURRENTLY is refused.

CREATE MATERIALIZED VIEW mv_user_daily_stats AS
SELECT user_id,
       (created_at AT TIME ZONE 'UTC')::date          AS stat_date,
       count(*)                                       AS total_actions,
       count(DISTINCT item_id)                        AS unique_items,
       count(*) FILTER (WHERE action = 'view')        AS views,
       count(*) FILTER (WHERE action = 'click')       AS clicks,
       count(*) FILTER (WHERE action = 'like')        AS likes,
       count(*) FILTER (WHERE action = 'buy')         AS purchases,
       count(*) FILTER (WHERE action = 'rating')      AS ratings,
       avg(value) FILTER (WHERE action = 'rating')    AS avg_rating
FROM user_behaviors
WHERE created_at >= now() - interval '90 days'
GROUP BY 1, 2;
COMMENT ON MATERIALIZED VIEW mv_user_daily_stats IS
    'Behaviour of each user by day (UTC), last 90 days; refreshed by refresh_statistics()';

CREATE UNIQUE INDEX uq_mv_user_daily_stats ON mv_user_daily_stats (user_id, stat_date);
CREATE INDEX idx_mv_user_daily_stats_date ON mv_user_daily_stats (stat_date DESC);

CREATE MATERIALIZED VIEW mv_item_daily_stats AS
SELECT item_id,
       (created_at AT TIME ZONE 'UTC')::date          AS stat_date,
       count(*)                                       AS total_actions,
       count(DISTINCT user_id)                        AS unique_users,
       count(*) FILTER (WHERE action = 'view')        AS views,
       count(*) FILTER (WHERE action = 'click')       AS clicks,
       count(*) FILTER (WHERE action = 'like')        AS likes,
       count(*) FILTER (WHERE action = 'buy')         AS purchases,
       coalesce(count(*) FILTER (WHERE action = 'click')::numeric
                / nullif(count(*) FILTER (WHERE action = 'view'), 0), 0) AS daily_ctr
FROM user_behaviors
WHERE created_at >= now() - interval '90 days'
GROUP BY 1, 2;
COMMENT ON MATERIALIZED VIEW mv_item_daily_stats IS
    'Behaviour towards each item by day (UTC), last 90 days; refreshed by refresh_statistics()';

-- The best items of a day; "of today" cannot be the predicate of an index (see above).
CREATE UNIQUE INDEX uq_mv_item_daily_stats ON mv_item_daily_stats (item_id, stat_date);
CREATE INDEX idx_mv_item_daily_stats_date_views ON mv_item_daily_stats (stat_date DESC, views DESC);

CREATE MATERIALIZED VIEW mv_trending_items AS
SELECT b.item_id, i.title, i.type, i.category,
       count(*)                                       AS action_count,
       count(DISTINCT b.user_id)                      AS user_count,
       count(*) FILTER (WHERE b.action = 'click')     AS clicks,
       count(*) FILTER (WHERE b.action = 'like')      AS likes,
       count(*) * 1.0
           + count(*) FILTER (WHERE b.action = 'click') * 2.0
           + count(*) FILTER (WHERE b.action = 'like') * 3.0
           + count(*) FILTER (WHERE b.action = 'buy') * 5.0 AS trending_score
FROM user_behaviors b
JOIN items i ON i.id = b.item_id
WHERE b.created_at >= now() - interval '24 hours' AND i.status = 'active'
GROUP BY b.item_id, i.title, i.type, i.category
HAVING count(*) >= 10
ORDER BY trending_score DESC, b.item_id
LIMIT 1000;
COMMENT ON MATERIALIZED VIEW mv_trending_items IS
    'The 1000 most wanted items of the last 24 hours; refreshed by refresh_statistics()';

CREATE UNIQUE INDEX uq_mv_trending_items ON mv_trending_items (item_id);
CREATE INDEX idx_mv_trending_items_score ON mv_trending_items (trending_score DESC);
CREATE INDEX idx_mv_trending_items_type ON mv_trending_items (type, trending_score DESC);

CREATE FUNCTION refresh_statistics() RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY mv_user_daily_stats;
    REFRESH MATERIALIZED VIEW CONCURRENTLY mv_item_daily_stats;
    REFRESH MATERIALIZED VIEW CONCURRENTLY mv_trending_items;
END
$function$;
COMMENT ON FUNCTION refresh_statistics() IS
    'Refreshes the materialised views; readers are not blocked. For cron, e.g. every ten minutes';

-- Questions of the service -----------------------------------------------------------------------

CREATE FUNCTION get_recommendation_candidates(
    for_user uuid, item_type varchar DEFAULT NULL, item_category varchar DEFAULT NULL,
    max_items integer DEFAULT 100)
RETURNS TABLE (item_id uuid, title varchar, type varchar, category varchar,
               popularity_score numeric, avg_rating numeric, semantic_id integer[])
LANGUAGE sql STABLE AS $function$
    SELECT i.id, i.title, i.type, i.category,
           coalesce(s.popularity_score, 0), coalesce(s.avg_rating, 0), i.semantic_id
    FROM items i
    LEFT JOIN item_stats s ON s.item_id = i.id
    WHERE i.status = 'active'
      AND (item_type IS NULL OR i.type = item_type)
      AND (item_category IS NULL OR i.category = item_category)
      AND NOT EXISTS (
          SELECT FROM user_behaviors b
          WHERE b.user_id = for_user AND b.item_id = i.id
            AND b.action IN ('click', 'buy', 'like')
            AND b.created_at > now() - interval '30 days')
    ORDER BY s.popularity_score DESC NULLS LAST, s.avg_rating DESC NULLS LAST, i.id
    LIMIT max_items
$function$;
COMMENT ON FUNCTION get_recommendation_candidates(uuid, varchar, varchar, integer) IS
    'Popular items that the user did not click, like or buy in the last 30 days';

CREATE FUNCTION get_similar_items_by_behavior(to_item uuid, max_items integer DEFAULT 20)
RETURNS TABLE (similar_item_id uuid, title varchar, similarity_score numeric)
LANGUAGE sql STABLE AS $function$
    WITH fans AS (
        SELECT DISTINCT b.user_id
        FROM user_behaviors b
        WHERE b.item_id = to_item AND b.action IN ('click', 'like', 'buy')
          AND b.created_at > now() - interval '90 days'
        LIMIT 1000
    ), candidates AS (
        SELECT b.item_id,
               sum(CASE b.action WHEN 'buy' THEN 5 WHEN 'like' THEN 3 ELSE 1 END) AS weight
        FROM user_behaviors b
        JOIN fans USING (user_id)
        WHERE b.item_id <> to_item AND b.action IN ('click', 'like', 'buy')
          AND b.created_at > now() - interval '90 days'
        GROUP BY b.item_id
        HAVING count(DISTINCT b.user_id) >= 3
    )
    SELECT c.item_id, i.title, round(c.weight::numeric / max(c.weight) OVER (), 4)
    FROM candidates c
    JOIN items i ON i.id = c.item_id AND i.status = 'active'
    ORDER BY c.weight DESC, c.item_id
    LIMIT max_items
$function$;
COMMENT ON FUNCTION get_similar_items_by_behavior(uuid, integer) IS
    'Items wanted by at least three of the users who wanted this one; score relative to the best';
