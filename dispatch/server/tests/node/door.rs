use dispatch_api::problem::Problem;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{node, node_with};

async fn code(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    let code = serde_json::from_slice::<Problem>(&body).map(|problem| problem.code).unwrap_or_default();
    (status, code)
}

#[tokio::test]
async fn foreign_hosts_and_origins_are_refused() {
    let bench = node_with(|config| config.hosts = vec!["ortoo.example".into()]).await;
    let base = bench.running.base();
    let http = reqwest::Client::new();
    let get = |host: &str| http.get(format!("{base}/api/v1/alarms")).header("host", host);
    assert_eq!(code(get("evil.example")).await, (403, "host_refused".into()));
    assert_eq!(code(get("ortoo.example:8110")).await.0, 200);
    assert_eq!(code(get("localhost:1")).await.0, 200);
    let post = |origin: &str| http.post(format!("{base}/api/v1/alarms")).header("origin", origin).body("{}");
    assert_eq!(code(post("http://evil.example")).await, (403, "origin_refused".into()));
    assert_eq!(
        code(post("http://127.0.0.1:1")).await,
        (403, "origin_refused".into()),
        "another local server"
    );
    assert_eq!(code(post("null")).await, (403, "origin_refused".into()));
    assert_eq!(code(post(&base)).await.0, 201);
    let upgrade = http
        .get(format!("{base}/api/v1/stream"))
        .header("origin", "http://evil.example")
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    assert_eq!(code(upgrade).await, (403, "origin_refused".into()));
    let metrics = bench.client().text("/metrics").await.unwrap();
    assert!(metrics.contains("ortoo_refused_total{code=\"origin_refused\"} 4"), "{metrics}");
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let bench = node().await;
    let base = bench.running.base();
    let http = reqwest::Client::new();
    assert_eq!(code(http.get(format!("{base}/api/v1/nothing"))).await, (404, "not_found".into()));
    assert_eq!(
        code(http.request(Method::DELETE, format!("{base}/api/v1/alarms"))).await,
        (405, "method".into())
    );
    assert_eq!(code(http.get(format!("{base}/api/v1/alarms?stat=open"))).await, (400, "query".into()));
    assert_eq!(code(http.get(format!("{base}/api/v1/alarms/x"))).await, (404, "not_found".into()));
    assert_eq!(code(http.get(format!("{base}/api/v1/stream"))).await, (400, "header".into()));
    assert_eq!(code(http.get(format!("{base}/map/nothing"))).await, (404, "not_found".into()));
}

#[tokio::test]
async fn everything_refused_is_a_problem_whatever_the_path() {
    let bench = node().await;
    let base = bench.running.base();
    let http = reqwest::Client::new();
    let unit = bench.unit();
    let mut paths: Vec<String> = [
        "alarms/%ff",
        "incidents/%ff",
        "incidents/%ff/timeline",
        "incidents/%ff/recommendation",
        "recommendations/%ff",
        "orders/%ff",
        "units/%ff",
        "units/%ff/orders",
        "units/%ff/track",
        "points/%ff",
        "words/%ff",
        "alarms?area=%ff",
        "incidents?state=%ff",
        "units?after=%C3%28",
        "points?after=%ff",
        "journal?from=%ff",
        "technicals?after=%ff",
        "alarms?%ff=1",
        "nothing/%ff",
        "",
        "alarms/x/y/z",
    ]
    .iter()
    .map(|path| format!("{base}/api/v1/{path}"))
    .collect();
    paths.push(format!("{base}/api/v1/words/{}?reason=%ff", uuid::Uuid::nil()));
    paths.push(format!("{base}/api/v1/units/{unit}/track?from=%ff"));
    paths.push(format!("{base}/api/v1/units/{unit}/orders?after=%ff"));
    paths.extend(
        ["/map/%ff", "/api", "/api/", "/api/%ff", "/api/v1", "/api/v2/alarms"]
            .map(|path| format!("{base}{path}")),
    );
    for path in &paths {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            // It rings, whatever its query.
            if method == Method::POST && path.contains("/alarms?") {
                continue;
            }
            let sent = http.request(method.clone(), path).header("idempotency-key", "x").body("{}");
            let answer = sent.send().await.unwrap();
            let (status, headers) = (answer.status(), answer.headers().clone());
            let problem = serde_json::from_slice::<Problem>(&answer.bytes().await.unwrap());
            assert!(status.is_client_error(), "{method} {path}: {status}");
            assert_eq!(headers["content-type"], "application/problem+json", "{method} {path}: {status}");
            assert!(problem.is_ok_and(|problem| problem.status == status), "{method} {path}");
        }
    }
    let act = http
        .post(format!("{base}/api/v1/orders/%ff/advance"))
        .header("idempotency-key", crate::support::key().to_string());
    assert_eq!(code(act.header("ortoo-seat", "x").body("{}")).await.0, 404);
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let bench = node().await;
    let base = bench.running.base();
    let http = reqwest::Client::new();
    let data = [
        "/api/v1/alarms",
        "/api/v1/nothing",
        "/api/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
        "/map/outlines",
        "/nothing",
    ];
    let pages = ["/api/docs", "/api/docs.js"];
    for path in data.into_iter().chain(pages) {
        let answer = http.get(format!("{base}{path}")).send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        let policy = header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(policy.contains("default-src 'none'"), data.contains(&path), "{path}: {policy}");
        let script = policy.split(';').find(|part| part.trim().starts_with("script-src"));
        assert!(!script.unwrap_or_default().contains("unsafe"), "{path}: {policy}");
    }
    // What the page of the API runs stands apart from it: in it nothing would run.
    let docs = bench.client().text("/api/docs").await.unwrap();
    assert!(docs.contains("<script src=\"docs.js\"></script>") && docs.matches("<script").count() == 1);
    let outcast =
        http.get(format!("{base}/api/v1/alarms")).header("host", "evil.example").send().await.unwrap();
    assert_eq!(outcast.headers()["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn a_rate_limit_never_stops_an_alarm() {
    let bench = node_with(|config| config.limits.requests_per_s = 1).await;
    let base = bench.running.base();
    let http = reqwest::Client::new();
    let mut limited = false;
    for _ in 0..200 {
        let answer = http.get(format!("{base}/healthz")).send().await.unwrap();
        if answer.status() == 429 {
            assert_eq!(answer.headers()["retry-after"], "1");
            limited = true;
            break;
        }
    }
    assert!(limited, "two requests fall into one second");
    assert_eq!(code(http.post(format!("{base}/api/v1/alarms")).body("help")).await.0, 201);
}

#[tokio::test]
async fn the_node_speaks_of_itself() {
    let bench = node().await;
    let client = bench.client();
    assert_eq!(client.text("/healthz").await.unwrap(), "ok");
    let ready: Value = serde_json::from_str(&client.text("/readyz").await.unwrap()).unwrap();
    assert_eq!((&ready["role"], &ready["missing"]), (&json!("leader"), &json!([])));
    assert!(client.text("/api/docs").await.unwrap().contains("openapi.json"));
    let document: serde_json::Value =
        serde_json::from_str(&client.text("/api/openapi.json").await.unwrap()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let metrics = client.text("/metrics").await.unwrap();
    for name in ["ortoo_requests_total", "ortoo_commit_seconds_bucket", "ortoo_head", "ortoo_subscribers"] {
        assert!(metrics.contains(name), "{name} in\n{metrics}");
    }
}
