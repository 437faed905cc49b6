using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.SystemLibTorch.Tests.Optim;

/// <summary>Learning rates against PyTorch 1.13.1's, from 0.5 over eight epochs.</summary>
public sealed class SchedulerTests
{
    public static TheoryData<string, double[]> Rates =>
        new()
        {
            { "StepLR", [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125] },
            {
                "MultiStepLR",
                [0.5, 0.5, 0.05, 0.05, 0.05, 0.005000000000000001, 0.005000000000000001, 0.005000000000000001]
            },
            {
                "ExponentialLR",
                [
                    0.5,
                    0.45,
                    0.405,
                    0.36450000000000005,
                    0.32805000000000006,
                    0.2952450000000001,
                    0.2657205000000001,
                    0.23914845000000007,
                ]
            },
            {
                "CosineAnnealingLR",
                [
                    0.5,
                    0.4671762239271875,
                    0.3775,
                    0.255,
                    0.13250000000000006,
                    0.04282377607281252,
                    0.01,
                    0.04282377607281252,
                ]
            },
            {
                "LambdaLR",
                [0.5, 0.25, 0.16666666666666666, 0.125, 0.1, 0.08333333333333333, 0.07142857142857142, 0.0625]
            },
            { "LinearLR", [0.125, 0.21875, 0.3125, 0.40625, 0.5, 0.5, 0.5, 0.5] },
        };

    [Theory]
    [MemberData(nameof(Rates))]
    public void Step_EightTimes_GivesThePeersRates(string scheduler, double[] expected)
    {
        using var scope = NewDisposeScope();
        using var sgd = SGD([nn.Parameter(zeros(1))], 0.5);
        var schedule = Make(scheduler, sgd);

        foreach (var rate in expected)
        {
            Assert.Equal(rate, sgd.ParamGroups.Single().LearningRate, 12);
            Assert.Equal(rate, schedule.get_last_lr().Single(), 12);
            schedule.step();
        }
    }

    private static lr_scheduler.LRScheduler Make(string scheduler, Optimizer sgd) =>
        scheduler switch
        {
            "StepLR" => lr_scheduler.StepLR(sgd, 3, 0.5),
            "MultiStepLR" => lr_scheduler.MultiStepLR(sgd, [2, 5], 0.1),
            "ExponentialLR" => lr_scheduler.ExponentialLR(sgd, 0.9),
            "CosineAnnealingLR" => lr_scheduler.CosineAnnealingLR(sgd, 6, 0.01),
            "LambdaLR" => lr_scheduler.LambdaLR(sgd, epoch => 1.0 / (1 + epoch)),
            "LinearLR" => lr_scheduler.LinearLR(sgd, 0.25, 1.0, 4),
            _ => throw new ArgumentOutOfRangeException(nameof(scheduler), scheduler, "No such schedule."),
        };
}
