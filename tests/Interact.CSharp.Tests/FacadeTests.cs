using System.Reflection;

namespace Interact.CSharp.Tests;

public class FacadeTests
{
    [Fact]
    public void The_assembly_loads() =>
        Assert.Equal("Interact.CSharp", Assembly.Load("Interact.CSharp").GetName().Name);
}
