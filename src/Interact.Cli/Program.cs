return Interact.Cli.CommandLine.Run(args);
