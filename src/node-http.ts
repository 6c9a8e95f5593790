/**
 * `node:http` without its module namespace: an `import` of its values reads every export at once, among them the lazy
 * WebSocket, which loads undici and takes 25 ms of each start.
 */
export const { Agent, createServer, IncomingMessage, request } = process.getBuiltinModule("node:http");
