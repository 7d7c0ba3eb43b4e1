// GraphQL Yoga on Node's own server, with its caches of documents and without its page.

import { createServer } from 'node:http';

import { createSchema, createYoga } from 'graphql-yoga';

import { loaders, resolvers, typeDefs } from './graph.js';

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: loaders,
  graphiql: false,
  landingPage: false,
  logging: false,
});
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
