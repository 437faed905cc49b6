using TorchSharp.Modules;
using TransferLearning.Network;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>Progressive networks of more than two columns.</summary>
public sealed class ProgressiveColumnTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public ProgressiveColumnTests() => Toy.SeedModules(3);

    [Fact]
    public void ThirdColumn_OfALayer_AddsALateralOfEachEarlierOne()
    {
        using var columns = new Columns();

        var output = columns.Third.call(columns.Rows);

        // Equation 2: W h + sum_j U_j relu(V_j (a_j h_j)), h of the layer below in each column.
        var (h1, h2, h3) = (columns.Low[0](columns.Rows), columns.Low[1](columns.Rows), columns.Low[2](columns.Rows));
        var expected = (columns.High[2](h3) + columns.Lateral[1](h1) + columns.Lateral[2](h2)).relu();
        Assert.True(output.allclose(expected, 1e-5, 1e-6));
        var second = (columns.High[1](h2) + columns.Lateral[0](h1)).relu();
        Assert.True(columns.Second.call(columns.Rows).allclose(second, 1e-5, 1e-6));
    }

    [Fact]
    public void ThirdColumn_Trained_LeavesBothEarlierOnesAsTheyWereAndComesBackFromAFile()
    {
        using var folder = new TemporaryFolder();
        using var columns = new Columns();
        using var head = new ModulePart(() => nn.Linear(3, 2));
        var (first, second) = (columns.First.call(columns.Rows).clone(), columns.Second.call(columns.Rows).clone());
        var (before, earlier) = (Toy.Bits(columns.Third.AsPart()), Toy.Bits(columns.Second.AsPart()));

        using var model = Recipes
            .Pnn(columns.Third, head)
            .FitWithoutTarget([Toy.Source(rows: 64)], new FitOptions { Training = new TrainingOptions { Steps = 10 } });

        Assert.True(columns.First.call(columns.Rows).equal(first).all().item<bool>());
        Assert.True(columns.Second.call(columns.Rows).equal(second).all().item<bool>());
        Assert.Equal(earlier, Toy.Bits(columns.Second.AsPart()));
        Assert.NotEqual(before, Toy.Bits(columns.Third.AsPart()));
        model.Save(folder.File("model"));
        using var others = new Columns();
        using var otherHead = nn.Linear(3, 2);
        using var loaded = AdaptedModel.Load(folder.File("model"), others.Third, otherHead);
        Assert.True(loaded.Predict(columns.Rows).equal(model.Predict(columns.Rows)).all().item<bool>());
    }

    [Fact]
    public void ThirdColumn_WithoutALateralForEach_IsRefused()
    {
        using var columns = new Columns();

        var fault = Assert.Throws<ArgumentException>(
            "layers",
            () =>
                new ProgressiveColumn(
                    [
                        new ProgressiveLayer(nn.Linear(4, 5), nn.ReLU()),
                        new ProgressiveLayer(nn.Linear(5, 3), nn.ReLU(), LateralAdapter.Dense(5, 2, 3)),
                    ],
                    columns.First,
                    columns.Second
                )
        );

        Assert.Contains("needs 2 lateral adapter(s)", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    // Three columns of two layers, of widths 5, 6 and 7, then 3.
    private sealed class Columns : IDisposable
    {
        public Columns()
        {
            Linear[] low = [nn.Linear(4, 5), nn.Linear(4, 6), nn.Linear(4, 7)];
            Linear[] high = [nn.Linear(5, 3), nn.Linear(6, 3), nn.Linear(7, 3)];
            LateralAdapter[] lateral =
            [
                LateralAdapter.Dense(5, 2, 3),
                LateralAdapter.Dense(5, 2, 3),
                LateralAdapter.Dense(6, 2, 3),
            ];
            Low = [.. low.Select(layer => (Func<Tensor, Tensor>)(rows => layer.call(rows).relu()))];
            High = [.. high.Select(layer => (Func<Tensor, Tensor>)layer.call)];
            Lateral = [.. lateral.Select(layer => (Func<Tensor, Tensor>)layer.call)];
            ProgressiveLayer Layer(Linear transform, params LateralAdapter[] laterals) =>
                new(transform, nn.ReLU(), laterals);
            First = new ProgressiveColumn([Layer(low[0]), Layer(high[0])]);
            Second = new ProgressiveColumn([Layer(low[1]), Layer(high[1], lateral[0])], First);
            Third = new ProgressiveColumn([Layer(low[2]), Layer(high[2], lateral[1], lateral[2])], First, Second);
        }

        public Func<Tensor, Tensor>[] Low { get; }

        public Func<Tensor, Tensor>[] High { get; }

        public Func<Tensor, Tensor>[] Lateral { get; }

        public ProgressiveColumn First { get; }

        public ProgressiveColumn Second { get; }

        public ProgressiveColumn Third { get; }

        public Tensor Rows { get; } = Toy.LabeledTarget(rows: 9).Inputs;

        public void Dispose() => Third.Dispose();
    }
}
