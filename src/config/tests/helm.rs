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
"), @"
    `--help` is no name of a release; names are at most 53 small letters, digits and `-`
     --> lastgood.yml:8:22
      |
    8 |             release: --help
      |                      ^^^^^^

    `-x` is no chart; write it like `./chart`, `repository/chart` or `oci://ghcr.io/acme/charts/shop`
     --> lastgood.yml:9:20
      |
    9 |             chart: '-x'
      |                    ^^^^

    `{commit}` names no version of a chart; `{version}` can
      --> lastgood.yml:10:28
       |
    10 |             chart_version: '{commit}'
       |                            ^^^^^^^^^^

    `latest` is the same for all versions; put it into a file of `values`
      --> lastgood.yml:11:13
       |
    11 |             set: {image.tag: latest}
       |             ^^^

    `--dry-run` is the driver's own; it has a setting for it
      --> lastgood.yml:12:21
       |
    12 |             flags: [--dry-run, --set=a=b]
       |                     ^^^^^^^^^

    `--set` is not for here; write it in a file of `values`
      --> lastgood.yml:12:32
       |
    12 |             flags: [--dry-run, --set=a=b]
       |                                ^^^^^^^^^

    `a.b` is no name in Kubernetes; names are small letters, digits and `-`
      --> lastgood.yml:13:24
       |
    13 |             namespace: a.b
       |                        ^^^

    `30` has no unit; write a unit, such as `30s`
      --> lastgood.yml:14:27
       |
    14 |             wait_timeout: 30
       |                           ^^

    `-c` is no program
      --> lastgood.yml:15:22
       |
    15 |             program: '-c'
       |                      ^^^^

    the key `valeus` is not known here
      --> lastgood.yml:16:13
       |
    16 |             valeus: x.yml
       |             ^^^^^^
       |
       = help: did you mean `values`?

    every version would be the same chart with the same values
      --> lastgood.yml:19:11
       |
    19 |           helm:
       |           ^^^^
       |
       = help: name the value that says the version, like `set: image.tag`

    `chart_version` and `repository` say nothing without a chart
      --> lastgood.yml:22:18
       |
    22 |         driver: {helm: {chart_version: 1.0.0}}
       |                  ^^^^
       |
       = help: name it by `chart`

    12 mistakes in `lastgood.yml`
    ");
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
