using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Interact;

/// <summary>Reads configurations, and writes an example of one.</summary>
internal static class ConfigurationFile
{
    private const string Missing = "";

    private static readonly JsonDocumentOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="TableConfigurationException">The file cannot be read, or holds what is no configuration.</exception>
    public static TableTrainingOptions Load(string path)
    {
        ReadOnlyMemory<byte> text = ReadText(path);

        try
        {
            using var document = JsonDocument.Parse(text, Options);
            var reader = new Reader(path, text);
            TableTrainingOptions options = reader.Read(document.RootElement);
            string folder = Path.GetDirectoryName(path) ?? "";
            string results = options.Out ?? Path.GetFileNameWithoutExtension(path);
            return options with { Data = Path.Combine(folder, options.Data), Out = Path.Combine(folder, results) };
        }
        catch (JsonException problem)
        {
            string place = $"line {problem.LineNumber + 1}, column {problem.BytePositionInLine + 1}";
            throw new TableConfigurationException([$"{path}: {place}: the text is not JSON; correct it there"]);
        }
    }

    /// <summary>All keys with their meaning and their defaults.</summary>
    public static string Example()
    {
        var text = new StringBuilder("{\n");
        string section = "";
        var defaults = new TableTrainingOptions { Data = "rows.csv", Target = "outcome" };

        for (int i = 0; i < ConfigurationKeys.All.Count; i++)
        {
            ConfigurationKey key = ConfigurationKeys.All[i];
            string next = i + 1 < ConfigurationKeys.All.Count ? ConfigurationKeys.All[i + 1].Section : "";
            bool isLast = i + 1 == ConfigurationKeys.All.Count;

            if (key.Section != section && key.Section.Length > 0)
                text.Append(CultureInfo.InvariantCulture, $"  \"{key.Section}\": {{\n");

            section = key.Section;
            string indent = section.Length > 0 ? "    " : "  ";

            foreach (string line in key.Meaning.Split('\n'))
                text.Append(CultureInfo.InvariantCulture, $"{indent}// {line}\n");

            bool endsSection = section.Length > 0 && next != section;
            text.Append(
                CultureInfo.InvariantCulture,
                $"{indent}\"{key.Name}\": {key.Json(defaults)}{(endsSection || isLast ? "" : ",")}\n"
            );

            if (endsSection)
                text.Append(isLast ? "  }\n" : "  },\n");
        }

        return text.Append("}\n").ToString();
    }

    private static ReadOnlyMemory<byte> ReadText(string path)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            return bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble)
                ? bytes.AsMemory(Encoding.UTF8.Preamble.Length)
                : bytes;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            string mend = Directory.Exists(path)
                ? "it is a folder; give the path of a file in it"
                : "it cannot be read; check the name, the folder and the permissions";
            throw new TableConfigurationException([$"{path}: {mend}"]);
        }
    }

    /// <summary>Takes the keys of a document, and gathers what is wrong with them.</summary>
    private sealed class Reader(string path, ReadOnlyMemory<byte> text)
    {
        private readonly List<string> _problems = [];

        // Where each key and section stands that is there.
        private readonly Dictionary<string, string> _places = [];
        private TableTrainingOptions _options = new() { Data = Missing, Target = Missing };

        public TableTrainingOptions Read(JsonElement root)
        {
            if (root.ValueKind == JsonValueKind.Object)
                ReadSection("", root);
            else
                _problems.Add($"{path}: the text is no object; write {{\"data\": …, \"target\": …}}");

            if (_problems.Count == 0)
                CheckWhole();

            return _problems.Count == 0 ? _options : throw new TableConfigurationException(_problems.AsReadOnly());
        }

        private void ReadSection(string section, JsonElement content)
        {
            var seen = new HashSet<string>();

            foreach (JsonProperty property in content.EnumerateObject())
            {
                string name = section.Length > 0 ? $"{section}.{property.Name}" : property.Name;

                if (!seen.Add(name))
                {
                    AddProblem(property, "the key stands twice; leave one out");
                    continue;
                }

                _places[name] = PlaceOf(property);

                if (ConfigurationKeys.All.FirstOrDefault(key => key.Path == name) is { } key)
                    Take(key, property);
                else if (section.Length > 0 || ConfigurationKeys.All.All(key => key.Section != name))
                    AddProblem(property, Unknown(section, property.Name));
                else if (property.Value.ValueKind == JsonValueKind.Object)
                    ReadSection(name, property.Value);
                else
                    AddProblem(property, $"it is a section; write {{\"{FirstKey(name)}\": …}}");
            }
        }

        private void Take(ConfigurationKey key, JsonProperty property)
        {
            try
            {
                _options = key.Set(_options, new ConfigurationValue(property.Value));
            }
            catch (FormatException problem)
            {
                AddProblem(property, problem.Message);
            }
        }

        /// <summary>Checks what no key tells by itself.</summary>
        private void CheckWhole()
        {
            if (_options.Data == Missing)
                _problems.Add($"{path}: \"data\" is missing; name the CSV file of the table");

            if (_options.Target == Missing)
                _problems.Add($"{path}: \"target\" is missing; name the column that the network tells");

            if (TableTrainingGuard.Problem(_options) is ({ } key, { } problem))
                _problems.Add(
                    _places.TryGetValue(key, out string? place) ? $"{place}: {problem}" : $"{path}: {problem}"
                );
        }

        private static string Unknown(string section, string name)
        {
            IEnumerable<string> known = ConfigurationKeys
                .All.Where(key => key.Section == section)
                .Select(key => key.Name);

            if (section.Length > 0)
                return $"there is no such key; the keys of \"{section}\" are {string.Join(", ", known)}";

            IEnumerable<string> sections = ConfigurationKeys.All.Select(key => key.Section).Where(name => name != "");
            return $"there is no such key; the nearest is \"{TableInterop.Nearest(name, known.Concat(sections))}\"";
        }

        private static string FirstKey(string section) =>
            ConfigurationKeys.All.First(key => key.Section == section).Name;

        private void AddProblem(JsonProperty property, string problem) =>
            _problems.Add($"{PlaceOf(property)}: {problem}");

        private string PlaceOf(JsonProperty property)
        {
            ReadOnlySpan<byte> name = JsonMarshal.GetRawUtf8PropertyName(property);
            text.Span.Overlaps(name, out int offset);
            ReadOnlySpan<byte> before = text.Span[..Math.Max(offset - 1, 0)];
            int line = before.Count((byte)'\n') + 1;
            int column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
            return $"{path}: line {line}, column {column} (\"{property.Name}\")";
        }
    }
}
