// What a page written with Relay asks for: fragments, pages, refetching, a change, a subscription.
import { graphql } from "relay-runtime";

graphql`
  query BoardQuery($first: Int!) {
    ...Board_experiments @arguments(first: $first)
    viewer {
      __typename
    }
  }
`;

graphql`
  fragment Board_experiments on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 25 }, after: { type: "String" })
  @refetchable(queryName: "BoardPageQuery") {
    experiments(first: $first, after: $after) @connection(key: "Board_experiments") {
      edges {
        node {
          id
          ...Board_experiment
        }
      }
    }
  }
`;

graphql`
  fragment Board_experiment on Experiment
  @argumentDefinitions(first: { type: "Int", defaultValue: 5 }, after: { type: "String" })
  @refetchable(queryName: "BoardExperimentQuery") {
    key
    phase
    details {
      __typename
    }
    notes(first: $first, after: $after) @connection(key: "Board_notes") {
      edges {
        node {
          note
        }
      }
    }
  }
`;

graphql`
  mutation BoardStartMutation($input: StartExperimentInput!) {
    startExperiment(input: $input) {
      ok
      errors {
        __typename
        message
      }
      experiment {
        ...Board_experiment
      }
    }
  }
`;

graphql`
  subscription BoardChangesSubscription {
    experimentsChanged {
      cursor
      experiment {
        ...Board_experiment
      }
    }
  }
`;
