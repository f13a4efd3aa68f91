-- etl-framework V002: logical and physical graphs of jobs (group 2 of 7).

CREATE TABLE etl_stream_graph (
    id          BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    graph_id    VARCHAR(64)  NOT NULL COMMENT 'Id of the graph',
    graph_name  VARCHAR(128) NOT NULL COMMENT 'Name of the graph',
    graph_type  VARCHAR(32)  NOT NULL DEFAULT 'STREAM_GRAPH' COMMENT 'Kind of graph',
    job_id      VARCHAR(64)  NULL COMMENT 'The job; it has one such graph',
    node_count  INT          NOT NULL DEFAULT 0 COMMENT 'Number of nodes',
    edge_count  INT          NOT NULL DEFAULT 0 COMMENT 'Number of edges',
    graph_json  JSON         NULL COMMENT 'The whole graph',
    creator     VARCHAR(64)  NULL COMMENT 'Who made it',
    create_time DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    update_time DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_graph_id (graph_id),
    UNIQUE KEY uk_job_id (job_id),
    CONSTRAINT fk_etl_stream_graph_job FOREIGN KEY (job_id) REFERENCES etl_job (job_id),
    CONSTRAINT ck_etl_stream_graph_counts CHECK (node_count >= 0 AND edge_count >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Logical graphs, as the user wrote them';

CREATE TABLE etl_job_graph (
    id                BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    graph_id          VARCHAR(64)  NOT NULL COMMENT 'Id of the graph',
    graph_name        VARCHAR(128) NOT NULL COMMENT 'Name of the graph',
    stream_graph_id   VARCHAR(64)  NULL COMMENT 'The logical graph; it has one physical graph',
    job_id            VARCHAR(64)  NULL COMMENT 'The job',
    vertex_count      INT          NOT NULL DEFAULT 0 COMMENT 'Number of vertices, chains counted once',
    edge_count        INT          NOT NULL DEFAULT 0 COMMENT 'Number of edges',
    parallelism       INT          NOT NULL DEFAULT 1 COMMENT 'Parallelism',
    graph_json        JSON         NULL COMMENT 'The whole graph',
    optimization_info JSON         NULL COMMENT 'What was optimised, e.g. which operators are chained',
    create_time       DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    update_time       DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'When the row last changed',
    PRIMARY KEY (id),
    UNIQUE KEY uk_graph_id (graph_id),
    UNIQUE KEY uk_stream_graph_id (stream_graph_id),
    KEY idx_job_id (job_id),
    CONSTRAINT fk_etl_job_graph_stream_graph
        FOREIGN KEY (stream_graph_id) REFERENCES etl_stream_graph (graph_id),
    CONSTRAINT fk_etl_job_graph_job FOREIGN KEY (job_id) REFERENCES etl_job (job_id),
    CONSTRAINT ck_etl_job_graph_counts
        CHECK (vertex_count >= 0 AND edge_count >= 0 AND parallelism >= 1)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Physical graphs, as they run';

-- graph_id of nodes and edges names a logical or a physical graph, so it cannot be a foreign key.

CREATE TABLE etl_graph_node (
    id             BIGINT       NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    node_id        VARCHAR(64)  NOT NULL COMMENT 'Id of the node',
    graph_id       VARCHAR(64)  NOT NULL COMMENT 'The logical or physical graph',
    node_name      VARCHAR(128) NOT NULL COMMENT 'Name of the node',
    node_type      VARCHAR(32)  NOT NULL COMMENT 'SOURCE, OPERATOR or SINK',
    operator_type  VARCHAR(64)  NULL COMMENT 'MAP, FILTER, FLATMAP, AGGREGATE, WINDOW, ...',
    parallelism    INT          NOT NULL DEFAULT 1 COMMENT 'Parallelism of this node',
    is_chained     TINYINT      NOT NULL DEFAULT 0 COMMENT '1: part of a chain',
    chain_head_id  VARCHAR(64)  NULL COMMENT 'First node of the chain',
    chain_position INT          NULL COMMENT 'Place in the chain',
    config         JSON         NULL COMMENT 'Settings of this node',
    metadata       JSON         NULL COMMENT 'Further facts',
    create_time    DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    PRIMARY KEY (id),
    UNIQUE KEY uk_node_id (node_id),
    KEY idx_graph_id (graph_id),
    KEY idx_node_type (node_type),
    CONSTRAINT ck_etl_graph_node_type CHECK (node_type IN ('SOURCE', 'OPERATOR', 'SINK')),
    CONSTRAINT ck_etl_graph_node_parallelism CHECK (parallelism >= 1),
    CONSTRAINT ck_etl_graph_node_flags CHECK (is_chained IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Nodes of graphs';

CREATE TABLE etl_graph_edge (
    id                 BIGINT      NOT NULL AUTO_INCREMENT COMMENT 'Row number',
    edge_id            VARCHAR(64) NOT NULL COMMENT 'Id of the edge',
    graph_id           VARCHAR(64) NOT NULL COMMENT 'The logical or physical graph',
    source_node_id     VARCHAR(64) NOT NULL COMMENT 'From this node',
    target_node_id     VARCHAR(64) NOT NULL COMMENT 'To this node',
    edge_type          VARCHAR(32) NOT NULL DEFAULT 'FORWARD' COMMENT 'FORWARD, SHUFFLE or BROADCAST',
    partition_strategy VARCHAR(32) NULL COMMENT 'HASH, ROUND_ROBIN or CUSTOM',
    config             JSON        NULL COMMENT 'Settings of this edge',
    create_time        DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'When the row was made',
    PRIMARY KEY (id),
    UNIQUE KEY uk_edge_id (edge_id),
    KEY idx_graph_id (graph_id),
    KEY idx_source_node (source_node_id),
    KEY idx_target_node (target_node_id),
    CONSTRAINT fk_etl_graph_edge_source
        FOREIGN KEY (source_node_id) REFERENCES etl_graph_node (node_id),
    CONSTRAINT fk_etl_graph_edge_target
        FOREIGN KEY (target_node_id) REFERENCES etl_graph_node (node_id),
    CONSTRAINT ck_etl_graph_edge_type CHECK (edge_type IN ('FORWARD', 'SHUFFLE', 'BROADCAST')),
    CONSTRAINT ck_etl_graph_edge_strategy
        CHECK (partition_strategy IN ('HASH', 'ROUND_ROBIN', 'CUSTOM'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci
  COMMENT = 'Edges of graphs';
