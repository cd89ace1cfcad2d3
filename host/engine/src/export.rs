//! One function that a plugin exports: its type is held against the contract once, when the plugin
//! is loaded.
//!
//! wasmtime's own way compares all exports of a world with their Rust types again in every instance,
//! and every call makes one: a tenth of what a usual call took.
#![allow(unsafe_code, reason = "a type that was checked before is not checked again")]

use core::marker::PhantomData;

use wasmtime::{
    Store,
    component::{
        ComponentExportIndex, ComponentNamedList, InstancePre, Lift, Lower, TypedFunc, types::ComponentItem,
    },
};

use crate::{LoadError, sandbox::Sandbox};

/// A function of the contract, as Rust has it.
pub(crate) trait Signature {
    /// Its name.
    const NAME: &'static str;
    /// What it is given.
    type Params<'a>: ComponentNamedList + Lower;
    /// What it returns.
    type Answer: ComponentNamedList + Lift;
}

/// A function that a plugin exports.
pub(crate) struct Export<S> {
    ready: InstancePre<Sandbox>,
    /// Invariant: in `ready`, this is a function of the type `S`.
    index: ComponentExportIndex,
    signature: PhantomData<fn() -> S>,
}

impl<S: Signature> Export<S> {
    /// Finds it in a plugin that is ready to be instantiated, and checks its type.
    pub(crate) fn find(ready: &InstancePre<Sandbox>) -> Result<Self, LoadError> {
        let (item, index) = ready
            .component()
            .get_export(None, S::NAME)
            .ok_or_else(|| LoadError::does_not_fit(format_args!("it does not export `{}`", S::NAME)))?;
        let ComponentItem::ComponentFunc(function) = item else {
            return Err(LoadError::does_not_fit(format_args!("its export `{}` is no function", S::NAME)));
        };
        function
            .typecheck::<S::Params<'static>, S::Answer>(&ready.instance_type())
            .map_err(LoadError::does_not_fit)?;
        Ok(Self { ready: ready.clone(), index, signature: PhantomData })
    }

    /// Calls it in an instance of its own.
    pub(crate) fn call(
        &self,
        store: &mut Store<Sandbox>,
        params: S::Params<'_>,
    ) -> wasmtime::Result<S::Answer> {
        let instance = self.ready.instantiate(&mut *store)?;
        let function = instance
            .get_func(&mut *store, self.index)
            .ok_or_else(|| wasmtime::format_err!("no export `{}`", S::NAME))?;
        // SAFETY: types belong to a component, not to an instance of it: `find` has checked this
        // one's, which differ from these in lifetimes alone.
        let function = unsafe { TypedFunc::<S::Params<'_>, S::Answer>::new_unchecked(function) };
        function.call(store, params)
    }
}

impl<S> Clone for Export<S> {
    fn clone(&self) -> Self {
        Self { ready: self.ready.clone(), index: self.index, signature: PhantomData }
    }
}

impl<S: Signature> core::fmt::Debug for Export<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Export").field(&S::NAME).finish()
    }
}
