//! The golden vectors for a page: the same lines as on every other machine.

use activemirror_vectors::run;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// Every vector as core computes it here, a line each.
#[wasm_bindgen]
pub fn computed() -> Result<Vec<String>, JsError> {
    let mut lines = Vec::new();
    run::<Vec<u8>>(&mut Vec::new, &mut |vector| lines.push(vector.to_string()))?;
    Ok(lines)
}
