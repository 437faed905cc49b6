using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class UnitLengthTests
{
    [Fact]
    public void Extract_Rows_KeepsDirectionAndLeavesZeroRows()
    {
        using var scope = NewDisposeScope();
        var rows = tensor(
            new double[,]
            {
                { 3, 4 },
                { 0, 0 },
                { 0, -2 },
            }
        );

        var unit = new UnitLength().Extract(rows);

        Assert.True(
            unit.allclose(
                tensor(
                    new[,]
                    {
                        { 0.6, 0.8 },
                        { 0, 0 },
                        { 0, -1 },
                    }
                )
            )
        );
    }

    [Fact]
    public void Extract_OneDimension_NamesTheArgument() =>
        Assert.Throws<ArgumentException>("inputs", () => new UnitLength().Extract(ones(3)));
}
