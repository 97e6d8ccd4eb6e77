using System.Reflection;
using System.Xml.Linq;

namespace Interact.CSharp.Tests;

/// <summary>What the public types promise as a whole.</summary>
public class SurfaceTests
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    private static readonly Assembly Facade = typeof(Model).Assembly;

    [Fact]
    public void Signatures_name_no_type_of_fsharp_or_of_the_core()
    {
        IEnumerable<string> leaks =
            from type in Facade.GetExportedTypes()
            from member in Signatures(type)
            from used in member.Types.SelectMany(Parts)
            where IsForeign(used)
            select $"{type.Name}.{member.Name}: {used}";

        Assert.Empty(leaks);
    }

    [Fact]
    public void Public_types_are_documented()
    {
        XDocument documentation = XDocument.Load(Path.ChangeExtension(Facade.Location, ".xml"));
        HashSet<string> documented =
        [
            .. documentation
                .Descendants("member")
                .Where(member => member.Elements().Any())
                .Select(member => member.Attribute("name")!.Value),
        ];

        IEnumerable<string> undocumented = Facade
            .GetExportedTypes()
            .Select(type => $"T:{type.FullName}")
            .Where(name => !documented.Contains(name));

        Assert.Empty(undocumented);
    }

    [Fact]
    public void Public_types_stand_in_one_namespace() =>
        Assert.All(Facade.GetExportedTypes(), type => Assert.Equal("Interact", type.Namespace));

    [Fact]
    public void Options_are_sealed_records_with_defaults()
    {
        Type[] options =
        [
            .. Facade
                .GetExportedTypes()
                .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && !type.IsAbstract),
        ];

        Assert.NotEmpty(options);
        Assert.All(options, type => Assert.True(type.IsSealed && type.GetMethod("<Clone>$") is not null));
        Assert.All(options, type => Assert.NotNull(Activator.CreateInstance(type)));
    }

    [Fact]
    public void Cancellation_tokens_come_last()
    {
        IEnumerable<MethodInfo> cancellable = Facade
            .GetExportedTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetParameters().Any(IsToken));

        Assert.NotEmpty(cancellable);
        Assert.All(cancellable, method => Assert.True(IsToken(method.GetParameters()[^1]), method.ToString()));
    }

    [Fact]
    public void Only_one_class_names_types_of_fsharp()
    {
        string folder = Repository.Source("src/Interact.CSharp");
        IEnumerable<string> files = Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
            .Where(file =>
                !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("bin/", StringComparison.Ordinal)
            )
            .Where(file => File.ReadAllText(Path.Combine(folder, file)).Contains("FSharp", StringComparison.Ordinal));

        Assert.All(files, file => Assert.StartsWith("Internal/Interop.", file, StringComparison.Ordinal));
    }

    private static bool IsToken(ParameterInfo parameter) => parameter.ParameterType == typeof(CancellationToken);

    /// <summary>The visible members of a type with the types that their signatures name.</summary>
    private static IEnumerable<(string Name, IEnumerable<Type> Types)> Signatures(Type type)
    {
        yield return ("base", type.GetInterfaces().Append(type.BaseType ?? typeof(object)));

        foreach (MethodBase method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)))
        {
            if (!(method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly))
                continue;

            IEnumerable<Type> parameters = method.GetParameters().Select(parameter => parameter.ParameterType);
            yield return (method.Name, parameters.Append((method as MethodInfo)?.ReturnType ?? typeof(void)));
        }

        foreach (FieldInfo field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily))
            yield return (field.Name, [field.FieldType]);
    }

    /// <summary>A type, what it is made of, and its arguments.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        Type whole = type.HasElementType ? type.GetElementType()! : type;
        return whole.GetGenericArguments().SelectMany(Parts).Append(whole);
    }

    private static bool IsForeign(Type type) =>
        type.FullName is { } name
        && (
            name.StartsWith("Microsoft.FSharp.", StringComparison.Ordinal)
            || name.StartsWith("System.Tuple", StringComparison.Ordinal)
            || name.StartsWith("Interact.Core.", StringComparison.Ordinal)
        );
}
