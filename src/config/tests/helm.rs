//! What the driver of Helm is told, and refuses to be told.

use super::*;

#[test]
fn every_mistake_about_a_release_is_told_at_once() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    services:
      shop:
        driver:
          helm:
            release: --help
            chart: '-x'
            chart_version: '{commit}'
            set: {image.tag: latest}
            flags: [--dry-run, --set=a=b]
            namespace: a.b
            wait_timeout: 30
            program: '-c'
            valeus: x.yml
      cart:
        driver:
          helm:
            chart: ./chart
      idle:
        driver: {helm: {chart_version: 1.0.0}}
"), @"");
}

#[test]
fn a_release_that_only_goes_back_needs_no_more_than_to_be_there() {
    for helm in ["{}", "{set: image.tag}", "{chart: ./c, chart_version: '{version}'}"] {
        let text = format!(
            "version: 1\nenvironments: {{p: {{services: {{shop: {{driver: {{helm: {helm}}}}}}}}}}}\n"
        );
        let config = loaded(&text).map_err(|error| error.to_string()).unwrap();
        let production = config.environments.values().next().unwrap();
        let service = production.services.values().next().unwrap();
        assert!(matches!(service.driver, Some(DriverSettings::Helm(_))), "{helm}");
    }
}
