/** What a module has that takes a name from `node:tls`. */
export { connect } from "node:tls";
