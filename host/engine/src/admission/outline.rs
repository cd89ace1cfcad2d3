//! One pass over a component: it is validated, measured and its outside noted.
//!
//! What is refused here beyond invalid bytes would run outside the meters of a call:
//! - nested components with functions of their own, whose calls to each other copy strings that
//!   no fuel pays for;
//! - resources, whose handle tables no limit covers;
//! - strings that are not UTF-8, since converting them has been wasmtime's weakest spot.

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentExport, ComponentImport, Encoding, FromReader,
    FuncToValidate, FuncValidatorAllocations, FunctionBody, Instance, Parser, Payload, SectionLimited,
    ValidPayload, Validator, ValidatorResources, types::Types,
};

use crate::{Limits, LoadError, limits::CORE_INSTANCES_MAX, text};

/// A component from outside.
pub(super) struct Outline {
    /// The names of what it imports, in order.
    pub(super) imports: Vec<String>,
    /// The names of what it exports, in order.
    pub(super) exports: Vec<String>,
    /// The types of both.
    pub(super) types: Types,
}

impl Outline {
    /// Reads a component whose header has been seen to be one.
    pub(super) fn read(
        component: &[u8],
        validator: &mut Validator,
        limits: &Limits,
    ) -> Result<Self, LoadError> {
        let mut pass = Pass::new(limits);
        let mut types = None;
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload.map_err(invalid)?;
            pass.measure(&payload)?;
            match validator.payload(&payload).map_err(invalid)? {
                ValidPayload::Func(function, body) => pass.validate(function, &body)?,
                ValidPayload::End(ended) => types = Some(ended),
                ValidPayload::Ok | ValidPayload::Parser(_) => {}
            }
        }
        // The last part to end is the outermost.
        let types = types.ok_or_else(|| refused("it has no end", component.len()))?;
        Ok(Self { imports: pass.imports, exports: pass.exports, types })
    }
}

/// The state of the pass.
struct Pass<'l> {
    limits: &'l Limits,
    /// The modules and components around the current payload, outermost first.
    open: Vec<Encoding>,
    modules: usize,
    instances: usize,
    functions: usize,
    imports: Vec<String>,
    exports: Vec<String>,
    allocations: FuncValidatorAllocations,
}

impl<'l> Pass<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            open: Vec::new(),
            modules: 0,
            instances: 0,
            functions: 0,
            imports: Vec::new(),
            exports: Vec::new(),
            allocations: FuncValidatorAllocations::default(),
        }
    }

    fn measure(&mut self, payload: &Payload<'_>) -> Result<(), LoadError> {
        match payload {
            Payload::Version { encoding, .. } => self.open.push(*encoding),
            Payload::End(_) => drop(self.open.pop()),
            Payload::ModuleSection { unchecked_range, .. } => self.module(unchecked_range.start)?,
            Payload::InstanceSection(section) => self.instances(section)?,
            Payload::CodeSectionStart { count, .. } => self.functions(*count as usize)?,
            Payload::CodeSectionEntry(body) => self.function_body(body)?,
            Payload::ComponentCanonicalSection(section) => self.canonical(section)?,
            Payload::ComponentImportSection(section) if self.is_outermost() => {
                let names = names(section, |import: ComponentImport<'_>| import.name.name.to_owned());
                self.imports.extend(names?);
            }
            Payload::ComponentExportSection(section) if self.is_outermost() => {
                let names = names(section, |export: ComponentExport<'_>| export.name.name.to_owned());
                self.exports.extend(names?);
            }
            _ => {}
        }
        Ok(())
    }

    fn is_outermost(&self) -> bool {
        self.open.len() == 1
    }

    fn module(&mut self, offset: usize) -> Result<(), LoadError> {
        if !self.is_outermost() {
            return Err(refused("a component inside it has code of its own", offset));
        }
        self.modules += 1;
        within("core modules", self.modules, CORE_INSTANCES_MAX as usize)
    }

    fn instances(&mut self, section: &SectionLimited<'_, Instance<'_>>) -> Result<(), LoadError> {
        for instance in section.clone() {
            let instantiates = matches!(instance.map_err(invalid)?, Instance::Instantiate { .. });
            self.instances += usize::from(instantiates);
        }
        within("instances of core modules", self.instances, CORE_INSTANCES_MAX as usize)
    }

    fn functions(&mut self, count: usize) -> Result<(), LoadError> {
        self.functions += count;
        within("functions", self.functions, self.limits.functions)
    }

    fn function_body(&self, body: &FunctionBody<'_>) -> Result<(), LoadError> {
        within("bytes in one function", body.range().len(), self.limits.function_bytes)
    }

    fn canonical(&self, section: &SectionLimited<'_, CanonicalFunction>) -> Result<(), LoadError> {
        for function in section.clone().into_iter_with_offsets() {
            let (offset, function) = function.map_err(invalid)?;
            if !self.is_outermost() {
                return Err(refused("a component inside it has functions of its own", offset));
            }
            let (CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. }) =
                function
            else {
                return Err(refused("it uses resources or threads", offset));
            };
            if options.iter().any(|o| matches!(o, CanonicalOption::UTF16 | CanonicalOption::CompactUTF16)) {
                return Err(refused("its strings are not UTF-8", offset));
            }
        }
        Ok(())
    }

    fn validate(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'_>,
    ) -> Result<(), LoadError> {
        let mut validator = function.into_validator(core::mem::take(&mut self.allocations));
        validator.validate(body).map_err(invalid)?;
        self.allocations = validator.into_allocations();
        Ok(())
    }
}

fn names<'a, T: FromReader<'a>>(
    section: &SectionLimited<'a, T>,
    name: impl Fn(T) -> String,
) -> Result<Vec<String>, LoadError> {
    section.clone().into_iter().map(|entry| Ok(name(entry.map_err(invalid)?))).collect()
}

fn within(what: &str, count: usize, limit: usize) -> Result<(), LoadError> {
    if count <= limit {
        return Ok(());
    }
    Err(LoadError::TooComplex { what: format!("{count} {what}, where {limit} are allowed") })
}

/// The parser's own finding; it quotes names from the file.
fn invalid(error: wasmparser::Error) -> LoadError {
    refused(error.message(), error.offset())
}

fn refused(what: &str, offset: usize) -> LoadError {
    LoadError::Invalid { what: text::sentence(what.to_owned()), offset }
}
