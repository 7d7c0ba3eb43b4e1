// mercurius on Fastify, operations compiled by graphql-jit from the first time on.

import Fastify from 'fastify';
import mercurius from 'mercurius';

import { loaders, resolvers, typeDefs } from './graph.js';

const app = Fastify();
app.register(mercurius, { schema: typeDefs, resolvers, context: loaders, jit: 1 });
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
