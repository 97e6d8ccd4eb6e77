namespace Interact.CSharp.Tests;

public class FeatureGroupsTests
{
    [Fact]
    public void Groups_are_read_from_a_file()
    {
        FeatureGroups groups = FeatureGroups.Load(Repository.Sample("groups.json"), 30);

        Assert.Equal(10, groups.Count);
        Assert.Equal(30, groups.Length);
        Assert.Equal("radius", groups.Names[0]);
        Assert.Equal([9, 19, 29], groups.Members(9));
        Assert.Throws<ArgumentOutOfRangeException>("group", () => groups.Members(10));
    }

    [Fact]
    public void Features_in_no_group_are_gathered_in_the_rest()
    {
        FeatureGroups groups = FeatureGroups.FromDictionary(new Dictionary<string, int[]> { ["a"] = [1] }, 3);

        Assert.Equal(["a", "(rest)"], groups.Names);
        Assert.Equal([0, 2], groups.Members(1));
    }

    [Theory]
    [InlineData("[[1]]", "the text is not an object")]
    [InlineData("{}", "there is no group")]
    [InlineData("{\"\": [0]}", "a group has no name")]
    [InlineData("{\"a\": [0], \"a\": [1]}", "two groups are named 'a'")]
    [InlineData("{\"a\": []}", "group 'a' has no feature")]
    [InlineData("{\"a\": 0}", "group 'a' is not an array")]
    [InlineData("{\"a\": [0, 1.5]}", "element 1 of group 'a' is not a feature index")]
    [InlineData("{\"a\": [0, \"b\"]}", "element 1 of group 'a' is not a feature index")]
    [InlineData("{\"a\": [3]}", "group 'a' names feature 3; features are numbered 0..2")]
    [InlineData("{\"a\": [0], \"b\": [0]}", "feature 0 is in group 'a' and in group 'b'")]
    [InlineData("{\"(rest)\": [0]}", "the name '(rest)' is kept")]
    [InlineData("{\"a\": [0],\n ]", "line 2, column 2: the text is not JSON")]
    [InlineData("{\"\\ud800\": [0]}", "a name holds half of a surrogate pair")]
    public void What_makes_no_groups_is_told_in_one_line(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("groups.json", json);

        string message = Assert.Throws<DataFormatException>(() => FeatureGroups.Load(path, 3)).Message;

        Assert.StartsWith($"{path}: {expected}", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Errors_name_the_parameter()
    {
        var twice = new Dictionary<string, int[]> { ["a"] = [0, 0] };

        Assert.Throws<ArgumentException>("groups", () => FeatureGroups.FromDictionary(twice, 3));
        Assert.Throws<ArgumentNullException>("groups", () => FeatureGroups.FromDictionary(null!, 3));
        Assert.Throws<ArgumentOutOfRangeException>("length", () => FeatureGroups.FromDictionary(twice, 0));
        Assert.Throws<DataFormatException>(() => FeatureGroups.Load("no such file.json", 3));
    }
}
