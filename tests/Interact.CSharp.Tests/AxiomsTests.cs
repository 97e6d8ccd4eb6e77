namespace Interact.CSharp.Tests;

public class AxiomsTests
{
    [Fact]
    public void Every_axiom_is_checked_on_a_row()
    {
        AxiomReport report = Axioms.Check(Examples.TanhOfProduct, [1, -2, 3]);

        Assert.Equal(Enum.GetValues<Axiom>(), report.Residuals.Select(residual => residual.Axiom));
        Assert.True(report.Holds);
        Assert.All(
            report.Residuals,
            residual => Assert.True(residual.Applies && residual.Residual <= residual.Allowed)
        );
        Assert.All(report.Residuals, residual => Assert.NotEmpty(residual.Note));
    }

    [Fact]
    public void Axioms_are_called_as_in_the_core()
    {
        string[] names = [.. typeof(Core.Axiom.Tags).GetFields().Select(field => field.Name)];

        Assert.Equal(Enum.GetNames<Axiom>(), names);
        Assert.All(Enum.GetValues<Axiom>(), axiom => Assert.Equal((int)axiom, Tag(axiom.ToString())));
    }

    [Fact]
    public void A_wrong_derivative_fails_its_axiom()
    {
        Model wrong = Model.FromOracle(
            new DerivativeOracle
            {
                InputSize = 2,
                Value = x => [x[0] * x[1]],
                Gradient = (x, weights) => [1.1 * weights[0] * x[1], weights[0] * x[0]],
                Curvature = (x, weights, directions) => new double[directions.Length, directions.Length],
            }
        );

        AxiomReport report = Axioms.Check(wrong, [1.0, 2]);

        Assert.False(report.Holds);
        Assert.Contains(report.Residuals, residual => residual is { Axiom: Axiom.Completeness, Holds: false });
    }

    [Fact]
    public void Several_rows_are_checked_in_order()
    {
        double[][] rows = Examples.Rows(6);

        AxiomReport[] reports = [.. Axioms.Check(Examples.TanhOfProduct, rows, new() { Rows = 2.. })];

        Assert.Equal([2, 3, 4, 5], reports.Select(report => report.Row));
        Assert.All(reports, report => Assert.True(report.Holds));
    }

    [Fact]
    public void Errors_come_at_the_call_and_name_the_parameter()
    {
        Assert.Throws<ArgumentException>("row", () => Axioms.Check(Examples.TanhOfProduct, [1.0]));
        Assert.Throws<ArgumentException>(
            "rows",
            () =>
                Axioms.Check(
                    Examples.TanhOfProduct,
                    [
                        [1.0],
                    ]
                )
        );
        Assert.Throws<ArgumentException>(
            "options",
            () =>
                Axioms.Check(
                    Examples.TanhOfProduct,
                    [
                        [1.0, 2, 3],
                    ],
                    new() { Tolerance = -1 }
                )
        );
        Assert.Throws<ModelEvaluationException>(() => Axioms.Check(Examples.Logarithm, [-2.0]));
    }

    private static int Tag(string name) => (int)typeof(Core.Axiom.Tags).GetField(name)!.GetRawConstantValue()!;
}
