-- etl-framework V009: what the framework brings along: connectors, settings, alert rules.

INSERT INTO etl_connector
    (connector_id, connector_name, connector_type, connector_class, version, description,
     support_source, support_sink, config_schema, is_builtin, creator)
VALUES
    ('connector-jdbc', 'JDBC Connector', 'JDBC',
     'com.framework.etl.connector.jdbc.JdbcConnector', '1.0.0',
     'Databases with a JDBC driver: MySQL, PostgreSQL and others', 1, 1,
     '{"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}, "username": {"type": "string"}, "password": {"type": "string"}}}',
     1, 'system'),
    ('connector-kafka', 'Kafka Connector', 'KAFKA',
     'com.framework.etl.connector.kafka.KafkaConnector', '1.0.0',
     'Kafka topics', 1, 1,
     '{"type": "object", "required": ["bootstrap.servers", "topic"], "properties": {"bootstrap.servers": {"type": "string"}, "topic": {"type": "string"}, "group.id": {"type": "string"}}}',
     1, 'system'),
    ('connector-http', 'HTTP Connector', 'HTTP',
     'com.framework.etl.connector.http.HttpConnector', '1.0.0',
     'HTTP interfaces', 1, 1,
     '{"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}, "method": {"enum": ["GET", "POST", "PUT"]}, "headers": {"type": "object"}}}',
     1, 'system'),
    ('connector-file', 'File Connector', 'FILE',
     'com.framework.etl.connector.file.FileConnector', '1.0.0',
     'Files: local, HDFS, S3 and others', 1, 1,
     '{"type": "object", "required": ["path"], "properties": {"path": {"type": "string"}, "format": {"enum": ["csv", "json", "parquet", "text"]}}}',
     1, 'system');

INSERT INTO etl_system_config (config_key, config_value, config_type, config_group, description)
VALUES
    ('system.executor.parallelism', '4', 'INT', 'executor', 'Parallelism when a job names none'),
    ('system.executor.thread.pool.core.size', '10', 'INT', 'executor', 'Threads kept ready'),
    ('system.executor.thread.pool.max.size', '50', 'INT', 'executor', 'Threads at most'),
    ('system.checkpoint.enabled', 'true', 'BOOLEAN', 'checkpoint', 'Checkpoints are made'),
    ('system.checkpoint.interval.seconds', '60', 'INT', 'checkpoint', 'Seconds between two checkpoints'),
    ('system.checkpoint.timeout.seconds', '10', 'INT', 'checkpoint', 'Seconds a checkpoint may take'),
    ('system.checkpoint.storage.type', 'filesystem', 'STRING', 'checkpoint', 'Where checkpoints are kept'),
    ('system.checkpoint.storage.path', '/data/checkpoints', 'STRING', 'checkpoint', 'In which folder'),
    ('system.state.backend', 'memory', 'STRING', 'state', 'Where states are kept: memory or rocksdb'),
    ('system.metrics.enabled', 'true', 'BOOLEAN', 'metrics', 'Metrics are collected'),
    ('system.scheduler.thread.pool.size', '20', 'INT', 'scheduler', 'Threads of the scheduler');

INSERT INTO etl_alert_rule (rule_id, rule_name, rule_type, target_type, alert_level, creator)
VALUES
    ('rule-job-failed', 'Job failed', 'JOB_FAILED', 'JOB', 'ERROR', 'system'),
    ('rule-checkpoint-failed', 'Checkpoint failed', 'CHECKPOINT_FAILED', 'JOB', 'WARNING', 'system'),
    ('rule-high-backpressure', 'High back-pressure', 'BACKPRESSURE', 'OPERATOR', 'WARNING', 'system');
