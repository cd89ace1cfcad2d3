//! The WIT contract as Rust types, generated from `wit/`.
//!
//! The three worlds share one interface `types` and one set of host imports, so there is one
//! Rust `Event` whoever is asked. Nothing outside this crate sees the generated modules: `lib.rs`
//! re-exports the types under plain names.
#![allow(unsafe_code, reason = "the canonical ABI's generated glue implements unsafe traits")]
#![allow(missing_docs, reason = "the generator documents no flags")]
#![allow(missing_debug_implementations, reason = "the generated handles have none")]
#![allow(unreachable_pub, reason = "the generator writes `pub` everywhere")]

/// What all worlds import.
pub(crate) mod shared {
    wasmtime::component::bindgen!({
        path: "../../wit",
        interfaces: "
            import activemirror:plugin/types@1.0.0;
            import activemirror:plugin/log@1.0.0;
            import activemirror:plugin/policy-types@1.0.0;
            import activemirror:plugin/persona-types@1.0.0;
            import activemirror:plugin/compliance-types@1.0.0;
        ",
        imports: { default: trappable },
        additional_derives: [PartialEq],
    });

    pub(crate) use activemirror::plugin::{compliance_types, log, persona_types, policy_types, types};
}

/// World `persona`.
pub(crate) mod persona {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "persona",
        with: { "activemirror:plugin": super::shared::activemirror::plugin },
        include_component_type: true,
        additional_derives: [PartialEq],
    });
}

/// World `policy`.
pub(crate) mod policy {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "policy",
        with: { "activemirror:plugin": super::shared::activemirror::plugin },
        include_component_type: true,
        additional_derives: [PartialEq],
    });
}

/// World `compliance`.
pub(crate) mod compliance {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "compliance",
        with: { "activemirror:plugin": super::shared::activemirror::plugin },
        include_component_type: true,
        additional_derives: [PartialEq],
    });
}
