-- Facts of the recommend schema, for PostgreSQL: every row of the result is something wrong.
WITH expected_table (name) AS (VALUES
    ('users'), ('items'), ('item_stats'), ('user_behaviors'), ('user_profiles'), ('user_sessions'),
    ('recommendation_requests'), ('recommendation_results'), ('experiments'),
    ('experiment_metrics'), ('user_experiment_assignments'), ('item_embeddings'),
    ('user_embeddings'), ('semantic_codebooks')
), class AS (
    SELECT c.* FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
), expected_partitioned (name) AS (VALUES
    ('user_behaviors'), ('recommendation_requests'), ('recommendation_results')
), bound AS (
    SELECT p.relname AS parent, c.relname AS partition, pg_get_expr(c.relpartbound, c.oid) AS expr
    FROM class p JOIN pg_inherits h ON h.inhparent = p.oid JOIN class c ON c.oid = h.inhrelid
    WHERE p.relkind = 'p'
), month (first_day) AS (
    SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n)
    FROM generate_series(0, 2) AS n
), expected_method (name, method, n) AS (VALUES
    -- indexes made by name, on parents and plain tables alone
    ('hnsw', 'hnsw', 5), ('brin', 'brin', 3), ('gin', 'gin', 8)
), method AS (
    SELECT a.amname AS name, count(*) AS n
    FROM class i JOIN pg_am a ON a.oid = i.relam
    WHERE i.relkind IN ('i', 'I') AND NOT i.relispartition
    GROUP BY 1
), expected_view (name) AS (VALUES
    ('mv_user_daily_stats'), ('mv_item_daily_stats'), ('mv_trending_items')
), expected_function (name) AS (VALUES
    ('set_updated_at'), ('create_item_stats'), ('create_monthly_partitions'),
    ('create_user_profile'), ('refresh_statistics'), ('get_recommendation_candidates'),
    ('get_similar_items_by_behavior'), ('find_similar_items'), ('find_similar_items_for_user'),
    ('find_similar_users'), ('find_items_by_semantic_id'), ('upsert_item_embeddings')
)
SELECT 'table missing: ' || e.name AS problem
FROM expected_table e
WHERE NOT EXISTS (SELECT FROM class c WHERE c.relname = e.name AND c.relkind IN ('r', 'p'))
UNION ALL
SELECT 'not partitioned by range: ' || e.name
FROM expected_partitioned e
WHERE NOT EXISTS (SELECT FROM class c JOIN pg_partitioned_table t ON t.partrelid = c.oid
                  WHERE c.relname = e.name AND t.partstrat = 'r' AND t.partdefid = 0)
UNION ALL
SELECT 'fewer than 7 months: ' || e.name
FROM expected_partitioned e
WHERE (SELECT count(*) FROM bound b WHERE b.parent = e.name) < 7
UNION ALL
SELECT 'no partition ' || e.name || to_char(m.first_day, '"_"YYYY"_"MM')
FROM expected_partitioned e CROSS JOIN month m
WHERE NOT EXISTS (SELECT FROM bound b
                  WHERE b.parent = e.name
                    AND b.partition = e.name || to_char(m.first_day, '"_"YYYY"_"MM'))
UNION ALL
SELECT 'primary key without created_at: ' || e.name
FROM expected_partitioned e
WHERE NOT EXISTS (
    SELECT FROM pg_constraint k JOIN class c ON c.oid = k.conrelid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey)
    WHERE c.relname = e.name AND k.contype = 'p' AND a.attname = 'created_at')
UNION ALL
SELECT format('%s indexes: %s instead of %s', e.name, coalesce(m.n, 0), e.n)
FROM expected_method e LEFT JOIN method m ON m.name = e.method
WHERE coalesce(m.n, 0) <> e.n
UNION ALL
SELECT 'index not valid: ' || c.relname
FROM class c JOIN pg_index i ON i.indexrelid = c.oid WHERE NOT i.indisvalid
UNION ALL
SELECT format('index twice on %s: %s and %s', a.indrelid::regclass, a.indexrelid::regclass,
              b.indexrelid::regclass)
FROM pg_index a JOIN class c ON c.oid = a.indrelid
JOIN pg_index b ON b.indrelid = a.indrelid AND b.indexrelid > a.indexrelid
WHERE (SELECT relam FROM class WHERE oid = a.indexrelid)
    = (SELECT relam FROM class WHERE oid = b.indexrelid)
  AND a.indkey::text = b.indkey::text AND a.indclass = b.indclass
  AND a.indoption = b.indoption
  AND a.indexprs IS NULL AND b.indexprs IS NULL
  AND coalesce(pg_get_expr(a.indpred, a.indrelid), '')
    = coalesce(pg_get_expr(b.indpred, b.indrelid), '')
UNION ALL
SELECT 'not vector(256): ' || v.name || '.' || v.col
FROM (VALUES ('item_embeddings', 'embedding'), ('user_embeddings', 'embedding'),
             ('user_embeddings', 'long_term_embedding'),
             ('user_embeddings', 'short_term_embedding'),
             ('semantic_codebooks', 'code_vector')) AS v (name, col)
WHERE NOT EXISTS (SELECT FROM pg_attribute a JOIN class c ON c.oid = a.attrelid
                  WHERE c.relname = v.name AND a.attname = v.col
                    AND format_type(a.atttypid, a.atttypmod) = 'vector(256)')
UNION ALL
SELECT 'materialised view missing, empty or without unique index: ' || e.name
FROM expected_view e
WHERE NOT EXISTS (SELECT FROM class c JOIN pg_index i ON i.indrelid = c.oid
                  WHERE c.relname = e.name AND c.relkind = 'm' AND c.relispopulated
                    AND i.indisunique AND i.indpred IS NULL)
UNION ALL
SELECT 'view missing: v_embedding_stats'
WHERE NOT EXISTS (SELECT FROM class WHERE relname = 'v_embedding_stats' AND relkind = 'v')
UNION ALL
SELECT 'function missing: ' || e.name
FROM expected_function e
WHERE NOT EXISTS (SELECT FROM pg_proc p
                  WHERE p.proname = e.name AND p.pronamespace = current_schema()::regnamespace)
UNION ALL
SELECT 'no trigger sets updated_at: ' || c.relname
FROM class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'updated_at'
WHERE c.relkind = 'r' AND NOT EXISTS (
    SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgrelid = c.oid AND p.proname = 'set_updated_at')
UNION ALL
SELECT 'timestamp without time zone: ' || c.relname || '.' || a.attname
FROM class c JOIN expected_table e ON e.name = c.relname
JOIN pg_attribute a ON a.attrelid = c.oid
WHERE a.attnum > 0 AND a.atttypid = 'timestamp'::regtype
UNION ALL
SELECT 'without a comment: ' || c.relname || coalesce('.' || a.attname, '')
FROM class c JOIN expected_table e ON e.name = c.relname
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL;
