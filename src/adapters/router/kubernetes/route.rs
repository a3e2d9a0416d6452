//! Shares traffic by the weights of the backends of an `HTTPRoute`.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};

use super::taken::Status;
use super::{KubernetesRouter, PAUSE, unread};
use crate::adapters::kubernetes::{Change, Form, Name};
use crate::adapters::process::Trouble;
use crate::domain::slots::{Pair, Shares, Slot, WHOLE};
use crate::domain::text;
use crate::error::{Error, Result};

/// The group keeps another API's resource of the same name out.
const KIND: &str = "httproutes.gateway.networking.k8s.io";

/// How often a change is made again that another's came before.
const TRIES: usize = 3;

/// An `HTTPRoute`, and the Service of each slot.
pub(super) struct Backends {
    name: String,
    of: String,
    services: BTreeMap<Slot, String>,
}

#[derive(Deserialize)]
struct Route {
    metadata: Meta,
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    namespace: String,
    resource_version: String,
    generation: u64,
}

#[derive(Deserialize)]
struct Spec {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[serde(default)]
    backend_refs: Vec<Backend>,
}

#[derive(Deserialize)]
struct Backend {
    name: String,
    kind: Option<String>,
    namespace: Option<String>,
    weight: Option<u64>,
}

/// One backend of a slot, by the numbers of its rule and of itself there.
struct Place<'a> {
    rule: usize,
    at: usize,
    slot: &'a Slot,
    weight: u64,
}

impl Backends {
    pub(super) fn new(name: &Name, named: &BTreeMap<String, Name>, pair: &Pair) -> Result<Self> {
        let slots = pair.both().map(ToString::to_string);
        if let Some(strange) = named.keys().find(|name| !slots.contains(name)) {
            let strange = text::clean(strange, 80);
            return Err(Error::invalid(format!("`services` names `{strange}`, which is no slot"))
                .hint(format!("the slots are `{}` and `{}`", slots[0], slots[1])));
        }
        let service = |slot: &Slot| match named.get(slot.as_str()) {
            Some(name) => name.to_string(),
            None => slot.to_string(),
        };
        let services: BTreeMap<_, _> = pair.both().map(|slot| (slot.clone(), service(slot))).into();
        if service(&pair.stable) == service(&pair.candidate) {
            return Err(Error::invalid("`services` names the same Service for both slots")
                .hint("each slot has a Service of its own, which selects its pods"));
        }
        Ok(Self { name: name.to_string(), of: format!("{KIND}/{name}"), services })
    }

    /// Returns what is run; which places are changed is known only when the route was seen.
    pub(super) fn patch(&self) -> [&str; 4] {
        ["patch", &self.of, "--type=json", "--patch-file=/dev/stdin"]
    }

    /// Returns what it then says.
    pub(super) fn told(&self, shares: &Shares) -> String {
        let weight = |(slot, service)| format!("`{service}` weighs {}", shares.share(slot));
        let weights: Vec<_> = self.services.iter().map(weight).collect();
        format!("in each rule {}", weights.join(", "))
    }

    fn slot(&self, backend: &Backend, own: &str) -> Option<&Slot> {
        let is_service = backend.kind.as_deref().is_none_or(|kind| kind == "Service");
        let is_here = backend.namespace.as_deref().is_none_or(|namespace| namespace == own);
        let mut all = self.services.iter().filter(|_| is_service && is_here);
        all.find(|(_, service)| **service == backend.name).map(|(slot, _)| slot)
    }

    /// Finds the backends of the slots; rules that send to neither are left alone.
    fn places(&self, route: &Route) -> Result<Vec<Place<'_>>, String> {
        let mut all = Vec::new();
        for (rule, Rule { backend_refs }) in route.spec.rules.iter().enumerate() {
            let own = backend_refs.iter().enumerate().filter_map(|(at, backend)| {
                let slot = self.slot(backend, &route.metadata.namespace)?;
                Some(Place { rule, at, slot, weight: backend.weight.unwrap_or(1) })
            });
            let own: Vec<_> = own.collect();
            if own.is_empty() {
                continue;
            }
            if own.len() != self.services.len() || own.len() != backend_refs.len() {
                return Err(self.incomplete(rule));
            }
            if own[0].slot == own[1].slot {
                return Err(self.incomplete(rule));
            }
            all.extend(own);
        }
        if all.is_empty() { Err(self.unknown()) } else { Ok(all) }
    }

    fn incomplete(&self, rule: usize) -> String {
        let both = self.both();
        format!("rule {} of it does not send to {both}, each once, and to nothing else", rule + 1)
    }

    fn unknown(&self) -> String {
        format!("no rule of it sends to {}", self.both())
    }

    fn both(&self) -> String {
        let names: Vec<_> = self.services.values().map(|name| format!("`{name}`")).collect();
        names.join(" and ")
    }

    /// Returns the change of a route as it was seen, which fails if it was changed since.
    fn change(&self, route: &Route, shares: &Shares) -> Result<Change, String> {
        let seen = &route.metadata.resource_version;
        let mut steps: Vec<Value> =
            vec![json!({ "op": "test", "path": "/metadata/resourceVersion", "value": seen })];
        for Place { rule, at, slot, .. } in self.places(route)? {
            let path = format!("/spec/rules/{rule}/backendRefs/{at}/weight");
            steps.push(json!({ "op": "add", "path": path, "value": shares.share(slot) }));
        }
        Ok(Change { of: self.of.clone(), form: Form::Json, text: Value::Array(steps).to_string() })
    }

    /// Returns how a route shares; its rules must agree.
    fn shares(&self, route: &Route) -> Result<Shares, String> {
        let places = self.places(route)?;
        let each: Vec<_> = places.chunks(2).map(rule_shares).collect();
        match each.split_first() {
            Some((first, rest)) if rest.iter().all(|shares| shares == first) => Ok(first.clone()),
            Some(_) => Err("its rules share differently".to_owned()),
            None => Err(self.unknown()),
        }
    }
}

fn rule_shares(rule: &[Place<'_>]) -> Shares {
    let all: u64 = rule.iter().map(|place| place.weight).sum();
    let share = |weight: u64| (weight * u64::from(WHOLE) + all / 2).checked_div(all).unwrap_or(0);
    Shares::told(rule.iter().map(|place| {
        let share = share(place.weight);
        // A trace of traffic is not none of it, and a rest is not all.
        let share = if place.weight > 0 { share.max(1) } else { share };
        let share = if place.weight < all { share.min(99) } else { share };
        (place.slot.clone(), u8::try_from(share).unwrap_or(WHOLE))
    }))
}

impl KubernetesRouter {
    /// Returns how the route shares.
    pub(super) async fn weighted(&self, by: &Backends) -> Result<Shares> {
        let route = self.route(by).await?;
        by.shares(&route).map_err(|why| {
            let message = format!("could not tell how the HTTPRoute `{}` shares", by.name);
            Error::failed(message).because(why)
        })
    }

    /// Sets all weights in one step, once the Services that get more have endpoints which are ready.
    pub(super) async fn weigh(&self, by: &Backends, shares: &Shares) -> Result<()> {
        let doing = || format!("could not share the traffic of the HTTPRoute `{}`", by.name);
        let mut left = TRIES;
        loop {
            let route = self.route(by).await?;
            let before = by.shares(&route).unwrap_or_default();
            let until = Instant::now() + self.up_within.get();
            for (slot, service) in &by.services {
                if shares.share(slot) > before.share(slot) {
                    self.ready_ends(service, until).await.map_err(|why| {
                        let why = format!("the Service `{service}` of `{slot}`: {why}");
                        Error::failed(doing()).because(why).hint("see to the pods that it selects")
                    })?;
                }
            }
            let change = by.change(&route, shares);
            let change = change.map_err(|why| Error::failed(doing()).because(why))?;
            left -= 1;
            match self.kubectl.patch(&change).await {
                Ok(()) => return self.taken_over(by).await,
                Err(trouble) if left > 0 && came_late(&trouble) => {}
                Err(trouble) => return Err(self.troubled(doing(), &trouble)),
            }
        }
    }

    /// Waits until the gateways that speak of the route go by it as it is now.
    async fn taken_over(&self, by: &Backends) -> Result<()> {
        let until = Instant::now() + self.up_within.get();
        loop {
            let route = self.route(by).await?;
            match route.status.complaint(route.metadata.generation) {
                None => return Ok(()),
                Some(why) if Instant::now() >= until => {
                    let see = self.kubectl.command(&["describe", &by.of]);
                    let message = format!("the HTTPRoute `{}` was changed, to no effect", by.name);
                    return Err(Error::failed(message)
                        .because(format!("after {} {why}", self.up_within))
                        .hint(format!("see `{see}`")));
                }
                Some(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    async fn route(&self, by: &Backends) -> Result<Route> {
        let doing = || format!("could not ask for the HTTPRoute `{}`", by.name);
        let json = self.kubectl.get(&[&by.of]).await;
        let json = json.map_err(|trouble| self.troubled(doing(), &trouble))?;
        serde_json::from_str(&json).map_err(|cause| unread(doing(), cause))
    }
}

/// Whether another's change came before: what was tested is no longer so.
fn came_late(trouble: &Trouble) -> bool {
    ["The request is invalid", "(Invalid)", "(Conflict)"].iter().any(|said| trouble.says(said))
}

#[cfg(test)]
mod tests;
