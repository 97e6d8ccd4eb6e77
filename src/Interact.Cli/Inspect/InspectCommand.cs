using System.CommandLine;

namespace Interact.Cli;

/// <summary>The command that looks into a model file.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var command = new CommandWithExample(
            "inspect",
            "What is in a model: inputs, outputs, operators, parameters; what cannot be differentiated, and why.",
            "interact inspect model.onnx"
        );

        Argument<string> model = Parsing.File("MODEL", "The network: an ONNX file.");
        command.Add(model);
        var load = new LoadArguments();

        foreach (Option option in (Option[])[.. load.BeforeFix, .. load.AfterFix])
            command.Add(option);

        command.SetAction(parsed => Execute(parsed.GetRequiredValue(model), load.Read(parsed)));
        return command;
    }

    private static int Execute(string path, ModelLoadOptions options)
    {
        var inspection = ModelInspection.Load(path, options);
        Model? model = inspection.IsExplainable ? Model.Load(path, options) : null;
        InspectRendering.Show(Screen.Open(), inspection, model);

        if (inspection.IsExplainable)
            return ExitCode.Success;

        StandardError.WriteLine($"{path}: it cannot be explained; mend what is listed under problems");
        return ExitCode.Refused;
    }
}
