//! Switches all of a Service's traffic by one label of its selector.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Deserialize;
use serde_json::json;

use super::{KubernetesRouter, PAUSE, WORD, unread};
use crate::adapters::kubernetes::{Change, Form, Name};
use crate::domain::slots::{Pair, Shares, Slot};
use crate::domain::text;
use crate::error::{Error, Result};

/// A Service, and the label that says which slot it selects.
pub(super) struct Selected {
    name: String,
    label: String,
    pair: Pair,
}

#[derive(Deserialize)]
struct Service {
    spec: Spec,
}

#[derive(Deserialize)]
struct Spec {
    #[serde(default)]
    selector: BTreeMap<String, String>,
}

impl Selected {
    pub(super) fn new(name: &Name, label: &str, pair: &Pair) -> Self {
        Self { name: name.to_string(), label: label.to_owned(), pair: pair.clone() }
    }

    /// Returns the change that gives a slot all of the traffic.
    pub(super) fn change(&self, shares: &Shares) -> Result<Change> {
        let Some(slot) = shares.sole() else {
            let name = &self.name;
            let message = format!("the Service `{name}` cannot share the traffic: {shares}");
            return Err(Error::failed(message)
                .because("it sends all of it to the slot that its selector names")
                .hint(
                    "move the traffic at once, or give the router an `http_route` with weights",
                ));
        };
        let selector = json!({ "spec": { "selector": { &self.label: slot.as_str() } } });
        let of = format!("services/{}", self.name);
        Ok(Change { of, form: Form::Merge, text: selector.to_string() })
    }

    /// Returns the slot that a selector names.
    fn slot(&self, selector: &BTreeMap<String, String>) -> Result<Slot, String> {
        let [name, label] = [&self.name, &text::clean(&self.label, WORD)];
        let Some(value) = selector.get(&self.label) else {
            return Err(format!("the selector of the Service `{name}` has no label `{label}`"));
        };
        let found = self.pair.both().into_iter().find(|slot| slot.as_str() == value);
        found.cloned().ok_or_else(|| {
            let value = text::clean(value, WORD);
            format!("the Service `{name}` selects `{label}={value}`, which is no slot")
        })
    }
}

impl KubernetesRouter {
    /// Returns which slot the Service selects.
    pub(super) async fn selected(&self, service: &Selected) -> Result<Shares> {
        let selector = self.selector(service).await?;
        match service.slot(&selector) {
            Ok(slot) => Ok(Shares::all(&self.pair, &slot)),
            Err(why) => {
                let stable = &self.pair.stable;
                let set = Shares::all(&self.pair, stable);
                let [_, set] = self.kubectl.shown(&service.change(&set)?);
                Err(Error::failed(format!("could not tell which slot `{}` serves", service.name))
                    .because(why)
                    .hint(format!("if it is to be `{stable}`, run `{set}`")))
            }
        }
    }

    /// Selects the slot that is to have all, once its pods are ready; returns when they are the Service's endpoints.
    pub(super) async fn select(&self, service: &Selected, shares: &Shares) -> Result<()> {
        let change = service.change(shares)?;
        let slot = shares.sole().unwrap_or(&self.pair.stable);
        let selector = self.selector(service).await?;
        let until = Instant::now() + self.up_within.get();
        let doing = || format!("could not give `{slot}` the traffic of `{}`", service.name);
        let asked = pods_of(&selector, &service.label, slot);
        if service.slot(&selector).as_ref() != Ok(slot) {
            self.ready_pods(&asked, until).await.map_err(|why| {
                let see = self.kubectl.command(&["get", "pods", &asked]);
                Error::failed(doing()).because(why).hint(format!("see `{see}`"))
            })?;
        }
        let patched = self.kubectl.patch(&change).await;
        patched.map_err(|trouble| self.troubled(doing(), &trouble))?;
        self.taken_up(service, slot, &asked).await
    }

    /// Waits until the Service sends to pods of the slot, and to none of the other.
    async fn taken_up(&self, service: &Selected, slot: &Slot, asked: &str) -> Result<()> {
        let until = Instant::now() + self.up_within.get();
        let doing = || format!("could not see that `{}` sends to `{slot}`", service.name);
        loop {
            let pods = self.pods(asked).await.map_err(|why| Error::failed(doing()).because(why))?;
            let ends = self.endpoints(&service.name).await;
            let ends = ends.map_err(|why| Error::failed(doing()).because(why))?;
            let other = ends.ready.iter().find(|end| !pods.has(end));
            match (other, ends.ready.is_empty()) {
                (None, false) => return Ok(()),
                _ if Instant::now() < until => tokio::time::sleep(PAUSE).await,
                (other, _) => {
                    let within = self.up_within;
                    let why = other.map_or_else(
                        || format!("within {within} it has no endpoint"),
                        |pod| format!("after {within} it still sends to pod `{pod}`"),
                    );
                    return Err(Error::failed(doing()).because(why).hint("do this again"));
                }
            }
        }
    }

    /// Waits until the Service sends to no pod of a slot any more.
    pub(super) async fn left_behind(
        &self,
        service: &Selected,
        slot: &Slot,
        until: Instant,
    ) -> Result<()> {
        let doing = || format!("could not see that `{}` has left `{slot}`", service.name);
        let asked = pods_of(&self.selector(service).await?, &service.label, slot);
        loop {
            let pods =
                self.pods(&asked).await.map_err(|why| Error::failed(doing()).because(why))?;
            let ends = self.endpoints(&service.name).await;
            let ends = ends.map_err(|why| Error::failed(doing()).because(why))?;
            if !ends.ready.iter().any(|end| pods.has(end)) || Instant::now() >= until {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn selector(&self, service: &Selected) -> Result<BTreeMap<String, String>> {
        let doing = || format!("could not ask for the Service `{}`", service.name);
        let json = self.kubectl.get(&[&format!("services/{}", service.name)]).await;
        let json = json.map_err(|trouble| self.troubled(doing(), &trouble))?;
        let read: Service = serde_json::from_str(&json).map_err(|cause| unread(doing(), cause))?;
        Ok(read.spec.selector)
    }
}

/// Returns how `kubectl` is asked for the pods that a selector would have if it named this slot.
fn pods_of(selector: &BTreeMap<String, String>, label: &str, slot: &Slot) -> String {
    let others = selector.iter().filter(|(key, _)| *key != label);
    let others = others.map(|(key, value)| format!("{key}={value}"));
    let all: Vec<_> = others.chain([format!("{label}={slot}")]).collect();
    format!("--selector={}", all.join(","))
}
