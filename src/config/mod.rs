//! stub
use crate::{
    adapters::{driver, probe},
    domain::{check::Check, names::*, policy::Policy},
    error::{Error, Result},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
#[derive(Debug, Clone)]
pub struct Config {
    pub path: PathBuf,
    pub folder: PathBuf,
    pub environments: BTreeMap<Environment, EnvironmentConfig>,
    pub tags_prefix: Option<String>,
}
#[derive(Debug, Clone)]
pub struct EnvironmentConfig {
    pub services: BTreeMap<Service, ServiceConfig>,
    pub control: Option<CheckConfig>,
    pub policy: Policy,
}
#[derive(Debug, Clone)]
pub struct ServiceConfig {
    pub was: Vec<Service>,
    pub driver: Option<DriverSettings>,
}
#[derive(Debug, Clone)]
pub struct CheckConfig {
    pub check: Check,
    pub probe: ProbeSettings,
}
#[derive(Debug, Clone)]
pub enum ProbeSettings {
    Http(Box<probe::http::Settings>),
    Tcp(probe::tcp::Settings),
    Command(probe::command::Settings),
}
#[derive(Debug, Clone)]
pub enum DriverSettings {
    Command(driver::command::Settings),
}
impl EnvironmentConfig {
    pub fn in_order(&self) -> Vec<Service> {
        vec![]
    }
    pub fn checks(&self) -> Vec<CheckConfig> {
        vec![]
    }
}
pub fn find(_: &Path) -> Option<PathBuf> {
    None
}
pub fn load(_: &Path, _: &dyn Fn(&str) -> Option<String>) -> Result<Config> {
    Err(Error::invalid("stub"))
}
pub fn load_checks(_: &Path, _: &dyn Fn(&str) -> Option<String>) -> Result<Vec<CheckConfig>> {
    Err(Error::invalid("stub"))
}
pub fn schema() -> serde_json::Value {
    ().into()
}
pub fn show(_: &Config) -> serde_json::Value {
    ().into()
}
#[derive(serde::Serialize)]
pub struct Mistake;
pub fn mistakes(_: &Error) -> &[Mistake] {
    &[]
}
