-- charging V006: row level security. The application logs in as itself, and once it knows who asks:
--
--     BEGIN;
--     SET LOCAL ROLE authenticated;
--     SELECT set_config('app.current_user_id', '42', true);    -- true: until the end of the transaction
--     ...
--     COMMIT;

-- A policy for a role that does not exist is an error, so the role comes first. Roles belong to the
-- whole cluster: another database may have made it, and dropping this one does not drop it. Where
-- the owner may not create roles, let the administrator do it first. Nobody logs in as it;
-- "GRANT authenticated TO <role of the application>" is part of the installation.
DO $do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated') THEN
        CREATE ROLE authenticated NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL;               -- another database made it at the same moment
END
$do$;

-- Who asks. NULL when nobody said: the second argument keeps current_setting from failing, and a
-- setting that was once SET LOCAL is the empty string afterwards, which is no integer. Comparing
-- with NULL is never true, so an unknown user sees nothing instead of an error, or of everything.
CREATE FUNCTION app_current_user_id() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
    SELECT nullif(current_setting('app.current_user_id', true), '')::integer
$function$;
COMMENT ON FUNCTION app_current_user_id() IS
    'Number of the user the application acts for (setting app.current_user_id), or NULL';

-- WITH CHECK says what may be written: without it USING would do for both; said in full it stays
-- right when one of them changes. The subselect makes the value a constant of the query, read once
-- and not once a row.
ALTER TABLE charging_analyses ENABLE ROW LEVEL SECURITY;
CREATE POLICY charging_analyses_policy ON charging_analyses
    FOR ALL TO authenticated
    USING (user_id = (SELECT app_current_user_id()))
    WITH CHECK (user_id = (SELECT app_current_user_id()));
COMMENT ON POLICY charging_analyses_policy ON charging_analyses IS
    'A user sees and changes the own analyses';

ALTER TABLE training_tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY training_tasks_policy ON training_tasks
    FOR ALL TO authenticated
    USING (created_by = (SELECT app_current_user_id()))
    WITH CHECK (created_by = (SELECT app_current_user_id()));
COMMENT ON POLICY training_tasks_policy ON training_tasks IS
    'A user sees and changes the own training runs';

-- What hangs on these rows must be as closed as they are, or the findings of an analysis could be
-- read by those who may not see the analysis. The policy of the parent applies in the subquery.
ALTER TABLE analysis_results ENABLE ROW LEVEL SECURITY;
CREATE POLICY analysis_results_policy ON analysis_results
    FOR ALL TO authenticated
    USING (EXISTS (SELECT FROM charging_analyses a WHERE a.id = analysis_id));
COMMENT ON POLICY analysis_results_policy ON analysis_results IS
    'A user sees the findings of the own analyses';

ALTER TABLE training_metrics ENABLE ROW LEVEL SECURITY;
CREATE POLICY training_metrics_policy ON training_metrics
    FOR ALL TO authenticated
    USING (EXISTS (SELECT FROM training_tasks t WHERE t.id = task_id));
COMMENT ON POLICY training_metrics_policy ON training_metrics IS
    'A user sees the metrics of the own training runs';

-- A policy narrows what is granted, it grants nothing. Users, sessions, questions and logs are for
-- the owner of the tables alone.
DO $do$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO authenticated', current_schema());
END
$do$;
GRANT SELECT, INSERT, UPDATE, DELETE ON charging_analyses, training_tasks TO authenticated;
GRANT SELECT ON analysis_results, training_metrics TO authenticated;
GRANT SELECT ON knowledge_collections, knowledge_documents, training_datasets, model_versions
    TO authenticated;
