using System.CommandLine;

return new RootCommand("Explains trained networks by the interactions of their features.").Parse(args).Invoke();
