// OperatorInterface
