//! Runs that were killed half way, and those of others.

use super::*;

impl Stand {
    /// Kills the next change half way.
    fn kill_next(&self) {
        self.write("die", "");
    }
}

async fn killed(stand: &Stand, drive: &Drive) {
    stand.kill_next();
    let error = whole(&stand.driver().apply(drive).await.unwrap_err());
    assert!(error.contains("killed by signal 9"), "{error}");
}

#[tokio::test]
async fn a_killed_upgrade_of_ones_own_is_taken_over_by_driving_again() {
    let Some(stand) = Stand::new() else { return };
    let driver = stand.driver();
    driver.apply(&to(1, "1.0", "")).await.unwrap();
    let two = to(2, "2.0", "1.0");
    killed(&stand, &two).await;
    assert_eq!(stand.story(), ["1 deployed 1.0", "2 pending-upgrade 2.0"]);
    let half =
        Sighting { version: Some("2.0 (pending-upgrade)".to_owned()), ..Sighting::default() };
    assert_eq!(driver.current(&two.site()).await.unwrap(), Running::Seen(half));
    driver.apply(&two).await.unwrap();
    assert_eq!(stand.story()[2..], ["3 superseded 1.0", "4 deployed 2.0"]);
    driver.apply(&two).await.unwrap();
    assert_eq!(stand.story().len(), 4);
}

#[tokio::test]
async fn a_killed_upgrade_or_rollback_is_undone_or_finished_in_one_step() {
    let Some(stand) = Stand::new() else { return };
    let driver = stand.driver();
    driver.apply(&to(1, "1.0", "")).await.unwrap();
    let two = to(2, "2.0", "1.0");
    killed(&stand, &two).await;
    driver.undo(&two).await.unwrap();
    assert_eq!(stand.story()[1..], ["2 pending-upgrade 2.0", "3 deployed 1.0"]);
    driver.apply(&two).await.unwrap();
    let back = returning(3, "1.0", "2.0");
    killed(&stand, &back).await;
    assert_eq!(stand.story()[4], "5 pending-rollback 1.0");
    driver.apply(&back).await.unwrap();
    assert_eq!(stand.story()[5], "6 deployed 1.0");
    // Forth, over a killed way back.
    killed(&stand, &returning(4, "2.0", "1.0")).await;
    driver.apply(&to(5, "3.0", "2.0")).await.unwrap();
    assert_eq!(stand.story().last().unwrap(), "9 deployed 3.0");
}

#[tokio::test]
async fn a_killed_installation_of_ones_own_is_taken_over_without_taking_anything_away() {
    let Some(stand) = Stand::new() else { return };
    let first = to(1, "1.0", "");
    killed(&stand, &first).await;
    assert_eq!(stand.story(), ["1 pending-install 1.0"]);
    stand.driver().apply(&first).await.unwrap();
    assert_eq!(stand.story(), ["1 pending-install 1.0", "2 superseded 1.0", "3 deployed 1.0"]);
}

#[tokio::test]
async fn what_somebody_else_has_begun_is_left_alone_and_told_with_what_to_type() {
    for way in [to(2, "2.0", "1.0"), returning(2, "1.0", "2.0")] {
        let Some(stand) = Stand::new() else { return };
        stand.by_hand("deployed", "1.0", "Install complete");
        stand.by_hand("pending-upgrade", "7.7", "Preparing upgrade");
        let error = stand.driver().apply(&way).await.unwrap_err();
        assert_eq!(
            error.causes(),
            ["revision 2 of `shop` (chart shop-0.1.0) is `pending-upgrade`"]
        );
        let helm = stand.program();
        assert_eq!(
            error.hints(),
            [
                "another `helm` is at work on it: wait until it is done".to_owned(),
                format!(
                    "if it was killed, run `{helm} rollback shop 1 '--timeout=300s'`, \
                     then `lastgood resume`"
                ),
            ]
        );
        assert_eq!(stand.story().len(), 2);
    }
}

#[tokio::test]
async fn one_that_says_it_went_well_and_did_not_is_not_believed() {
    let Some(stand) = Stand::new() else { return };
    stand.driver().apply(&to(1, "1.0", "")).await.unwrap();
    stand.driver().apply(&to(2, "2.0", "1.0")).await.unwrap();
    let real = stand.program();
    let liar =
        format!("#!/bin/sh\ncase $1 in upgrade|rollback) exit 0;; esac\nexec '{real}' \"$@\"\n");
    stand.write("liar", &liar);
    let file = stand.path().join("liar");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&file, mode).unwrap();
    let settings = json!({ "chart": "./chart", "set": "image.tag", "program": "./liar" });
    let settings = serde_json::from_value(settings).unwrap();
    let driver = connect(settings, around(stand.path(), &stand.lines));
    for drive in [to(3, "3.0", "2.0"), returning(3, "1.0", "2.0")] {
        let error = driver.apply(&drive).await.unwrap_err();
        let why = "`helm` ended well, and revision 2 of `shop` (chart shop-0.1.0) \
                   holds another version";
        assert_eq!(error.causes(), [why]);
    }
}
