-- Facts of the charging schema, for PostgreSQL: every row of the result is something wrong.
WITH expected_table (name, columns) AS (VALUES
    ('users', 13), ('user_sessions', 8), ('charging_analyses', 14), ('analysis_results', 8),
    ('knowledge_collections', 11), ('knowledge_documents', 14), ('rag_queries', 8),
    ('training_datasets', 11), ('model_versions', 11), ('training_tasks', 24),
    ('training_metrics', 10), ('system_logs', 15), ('audit_logs', 10)
), class AS (
    SELECT c.* FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
), expected_year (y) AS (
    SELECT generate_series(2024, extract(year FROM now() AT TIME ZONE 'UTC')::integer + 1)
), expected_index (name) AS (VALUES
    ('idx_users_role'), ('idx_users_created_at'), ('idx_user_sessions_user_id'),
    ('idx_user_sessions_expires'), ('idx_charging_analyses_user_id'),
    ('idx_charging_analyses_status'), ('idx_charging_analyses_created_at'),
    ('idx_analysis_results_analysis_id'), ('idx_analysis_results_type'),
    ('idx_knowledge_collections_created_by'), ('idx_knowledge_collections_type'),
    ('idx_knowledge_collections_active'), ('idx_knowledge_documents_collection_id'),
    ('idx_knowledge_documents_uploaded_by'), ('idx_knowledge_documents_status'),
    ('idx_rag_queries_collection_id'), ('idx_rag_queries_user_id'),
    ('idx_rag_queries_created_at'), ('idx_training_datasets_created_by'),
    ('idx_training_datasets_type'), ('idx_training_datasets_public'),
    ('idx_model_versions_type'), ('idx_model_versions_active'), ('idx_model_versions_default'),
    ('idx_training_tasks_dataset_id'), ('idx_training_tasks_created_by'),
    ('idx_training_tasks_status'), ('idx_training_tasks_created_at'),
    ('idx_training_tasks_status_created'), ('idx_training_metrics_task_id'),
    ('idx_training_metrics_epoch'), ('idx_training_metrics_step'), ('idx_system_logs_level'),
    ('idx_system_logs_module'), ('idx_system_logs_user_id'), ('idx_system_logs_timestamp'),
    ('idx_system_logs_level_timestamp'), ('idx_audit_logs_user_id'),
    ('idx_audit_logs_resource_type'), ('idx_audit_logs_action'), ('idx_audit_logs_timestamp')
), expected_policy (name) AS (VALUES
    ('charging_analyses'), ('training_tasks'), ('analysis_results'), ('training_metrics')
)
SELECT 'table missing: ' || e.name AS problem
FROM expected_table e
WHERE NOT EXISTS (SELECT FROM class c WHERE c.relname = e.name AND c.relkind IN ('r', 'p'))
UNION ALL
SELECT format('%s has %s columns instead of %s', e.name, c.relnatts, e.columns)
FROM expected_table e JOIN class c ON c.relname = e.name
WHERE c.relnatts <> e.columns
UNION ALL
SELECT 'system_logs is not partitioned by range, or has a default partition'
WHERE NOT EXISTS (SELECT FROM class c JOIN pg_partitioned_table t ON t.partrelid = c.oid
                  WHERE c.relname = 'system_logs' AND t.partstrat = 'r' AND t.partdefid = 0)
UNION ALL
SELECT 'no partition system_logs_' || e.y
FROM expected_year e
WHERE NOT EXISTS (SELECT FROM class p JOIN pg_inherits h ON h.inhparent = p.oid
                  JOIN class c ON c.oid = h.inhrelid
                  WHERE p.relname = 'system_logs' AND c.relname = 'system_logs_' || e.y)
UNION ALL
SELECT 'index missing or not valid: ' || e.name
FROM expected_index e
WHERE NOT EXISTS (SELECT FROM class c JOIN pg_index i ON i.indexrelid = c.oid
                  WHERE c.relname = e.name AND i.indisvalid)
UNION ALL
SELECT format('index twice on %s: %s and %s', a.indrelid::regclass, a.indexrelid::regclass,
              b.indexrelid::regclass)
FROM pg_index a JOIN class c ON c.oid = a.indrelid
JOIN pg_index b ON b.indrelid = a.indrelid AND b.indexrelid > a.indexrelid
WHERE a.indkey::text = b.indkey::text
UNION ALL
SELECT format('foreign key without an index: %s on %s', k.conname, k.conrelid::regclass)
FROM pg_constraint k JOIN class c ON c.oid = k.conrelid JOIN expected_table e ON e.name = c.relname
WHERE k.contype = 'f' AND NOT EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = k.conkey[1])
UNION ALL
SELECT format('%s constraints of type %s, expected %s', count(k.oid), x.contype, x.n)
FROM (VALUES ('p', 13), ('u', 3), ('f', 16), ('c', 19)) AS x (contype, n)
LEFT JOIN (pg_constraint k JOIN class c ON c.oid = k.conrelid AND NOT c.relispartition
           JOIN expected_table e ON e.name = c.relname) ON k.contype::text = x.contype
GROUP BY x.contype, x.n HAVING count(k.oid) <> x.n
UNION ALL
SELECT 'no role authenticated, or it can log in'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated' AND NOT rolcanlogin)
UNION ALL
SELECT 'row level security is off or has no policy for authenticated: ' || e.name
FROM expected_policy e
WHERE NOT EXISTS (
    SELECT FROM class c JOIN pg_policy p ON p.polrelid = c.oid
    JOIN pg_roles r ON r.oid = ANY (p.polroles)
    WHERE c.relname = e.name AND c.relrowsecurity AND r.rolname = 'authenticated')
UNION ALL
SELECT 'authenticated may read: ' || t.name
FROM (VALUES ('users'), ('user_sessions'), ('audit_logs'), ('system_logs')) AS t (name)
JOIN class c ON c.relname = t.name
WHERE has_any_column_privilege('authenticated', c.oid, 'SELECT')
UNION ALL
SELECT 'collection missing: ' || n.name
FROM (VALUES ('charging_knowledge'), ('troubleshooting_guides'), ('technical_specs')) AS n (name)
WHERE NOT EXISTS (SELECT FROM knowledge_collections k
                  WHERE k.name = n.name AND k.embedding_model = 'bge-base-zh-v1.5')
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
