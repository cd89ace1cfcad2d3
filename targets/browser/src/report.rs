//! What verification found, as JavaScript gets it.

use activemirror_store::{LogReport, Report};
use js_sys::Array;
use wasm_bindgen::JsValue;

use crate::failure::object;

/// The report as a plain object.
pub(crate) fn document(report: &Report) -> JsValue {
    let logs: Array = report.logs.iter().map(log).collect();
    object([("ok", report.fault().is_none().into()), ("logs", logs.into())])
}

fn log(log: &LogReport) -> JsValue {
    let fault = log.fault.as_ref().map_or(JsValue::UNDEFINED, |fault| {
        object([("block", number(fault.block)), ("message", fault.to_string().into())])
    });
    object([
        ("log", log.log.to_string().into()),
        ("own", log.own.into()),
        ("blocks", number(log.blocks)),
        ("records", number(log.records)),
        ("recomputed", number(log.recomputed)),
        ("erased", number(log.erased)),
        ("covered", number(log.covered)),
        ("fault", fault),
    ])
}

fn number(number: u64) -> JsValue {
    (number as f64).into()
}
