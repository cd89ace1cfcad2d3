// The page under test: what an application would import, within reach of the tests.
import * as activemirror from "activemirror";

Object.assign(globalThis, activemirror, { ready: true });
