use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use super::files::Files;
use super::serve::answer;

/// A built page: its document, a script with its packed twin, and a file outside.
fn site() -> (tempfile::TempDir, Files) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("dist/assets")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("dist/index.html", "<!doctype html>the page");
    write("dist/assets/index-1f2e.js", "let plain");
    write("dist/assets/index-1f2e.js.br", "packed");
    write("dist/.hidden", "hidden");
    write("secret.txt", "secret");
    let files = Files::Folder(folder.path().join("dist"));
    (folder, files)
}

fn get(files: &Files, path: &str, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, String) {
    let headers: HeaderMap =
        headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
    let response = answer(files, &Method::GET, path, &headers);
    let (parts, body) = response.into_parts();
    let bytes = futures_util::FutureExt::now_or_never(axum::body::to_bytes(body, 1 << 20)).unwrap().unwrap();
    (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

const HTML: (HeaderName, &str) = (header::ACCEPT, "text/html,application/xhtml+xml");

#[test]
fn every_address_of_a_room_is_the_page_for_a_browser() {
    let (_folder, files) = site();
    for path in ["/", "/actions", "/what-if/2026"] {
        let (status, headers, body) = get(&files, path, &[HTML]);
        assert_eq!((status, body.as_str()), (StatusCode::OK, "<!doctype html>the page"), "{path}");
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
        assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("default-src 'self'"));
    }
}

#[test]
fn what_belongs_to_operations_and_what_programs_ask_for_stays_an_error() {
    let (_folder, files) = site();
    for path in ["/api/v1/nothing", "/docs/nothing", "/health/nothing", "/assets/gone.js"] {
        assert_eq!(get(&files, path, &[HTML]).0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(get(&files, "/actions", &[(header::ACCEPT, "application/json")]).0, StatusCode::NOT_FOUND);
    let posted = answer(&files, &Method::POST, "/", &HeaderMap::new());
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);
}

#[test]
fn a_hashed_file_is_kept_for_good_and_sent_packed_to_those_who_can_read_it() {
    let (_folder, files) = site();
    let script = "/assets/index-1f2e.js";
    let (status, headers, body) = get(&files, script, &[]);
    assert_eq!((status, body.as_str()), (StatusCode::OK, "let plain"));
    assert_eq!(headers[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    assert!(headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    assert_eq!(headers[header::VARY], "accept-encoding");

    let (_, headers, body) = get(&files, script, &[(header::ACCEPT_ENCODING, "gzip, br")]);
    assert_eq!((headers[header::CONTENT_ENCODING].to_str().unwrap(), body.as_str()), ("br", "packed"));
    let (_, headers, _) = get(&files, script, &[(header::ACCEPT_ENCODING, "gzip, br;q=0")]);
    assert!(!headers.contains_key(header::CONTENT_ENCODING));
}

#[test]
fn a_browser_that_has_the_file_gets_no_second_copy() {
    let (_folder, files) = site();
    let tag = get(&files, "/", &[HTML]).1[header::ETAG].to_str().unwrap().to_owned();
    let (status, _, body) = get(&files, "/", &[HTML, (header::IF_NONE_MATCH, &tag)]);
    assert_eq!((status, body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(get(&files, "/", &[HTML, (header::IF_NONE_MATCH, "\"other\"")]).0, StatusCode::OK);
}

#[test]
fn nothing_outside_of_the_page_is_read() {
    let (_folder, files) = site();
    for path in ["/../secret.txt", "/assets/../../secret.txt", "/.hidden", "//secret.txt", "/assets/"] {
        assert_eq!(get(&files, path, &[]).0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn without_a_built_page_the_visitor_reads_how_to_build_it() {
    let folder = tempfile::tempdir().unwrap();
    let (status, _, body) = get(&Files::Folder(folder.path().join("dist")), "/", &[HTML]);
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("make console"), "{body}");
}
